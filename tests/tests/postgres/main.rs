//! The store in Postgres, on real servers: as a whole, in partitions, through poolers, and where an
//! engine only speaks the protocol.

mod blocks;
mod check;
mod client;
mod collations;
mod counts;
mod encodings;
mod foreign_text;
mod indexes;
mod kept_plans;
mod migrations;
mod one_connection;
mod other_engines;
mod partitions;
mod pgbouncer;
mod pglite;
mod pgpool;
mod places;
mod plans;
mod projects;
mod pruning;
mod read_only;
mod refusals;
mod settings;
mod store_suite;
mod test_servers;
mod timeline;
mod tls;
mod trouble;
mod values;
mod write;
