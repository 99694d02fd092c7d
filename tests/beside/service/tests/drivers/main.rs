//! Each driver's connections and transactions as a client, held to one suite.

mod diesel_async;
mod on_postgres;
mod on_sqlite;
mod sea_orm;
mod session;
mod sqlx_postgres;
mod sqlx_sqlite;
