//! The connections and transactions of each driver as a client. All drivers pass one suite.

mod diesel_async;
mod on_postgres;
mod on_sqlite;
mod sea_orm;
mod session;
mod sqlx_postgres;
mod sqlx_sqlite;
