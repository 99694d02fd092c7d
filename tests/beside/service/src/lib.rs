//! A service that takes orders.
//!
//! An order is stored with its activity in one transaction, so that there is no order without an
//! activity. It is the same service three times, each with a driver of its own: [`with_sqlx`],
//! [`with_sea_orm`] and [`with_diesel`].

pub mod order;
pub mod with_diesel;
pub mod with_sea_orm;
pub mod with_sqlx;

/// The history of the table `orders`.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();
