//! A service that takes orders.
//!
//! An order and its activity are stored in one transaction, so no order exists without an activity.
//! The same service is written three times, each with a driver of its own: [`with_sqlx`],
//! [`with_sea_orm`] and [`with_diesel`].

pub mod order;
pub mod with_diesel;
pub mod with_sea_orm;
pub mod with_sqlx;

/// The migrations of the table `orders`.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();
