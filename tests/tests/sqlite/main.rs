//! The store in an SQLite file.

mod client;
mod exchange;
mod failures;
mod foreign_rows;
mod migrations;
mod pruning;
mod store_suite;
