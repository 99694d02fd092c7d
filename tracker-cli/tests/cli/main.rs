//! The command `tracker` as operators run it, with SQLite and with a real Postgres.

mod configuration;
mod export_import;
mod failures;
mod grants;
mod help;
mod import;
mod import_map;
mod journal;
mod list;
mod migrate;
mod nats;
mod partitions;
mod projects;
mod prune;
mod refusals;
mod serve;
mod serve_jwt;
mod serve_labels;
mod serve_metrics;
mod support;
mod tail;
mod viewer_link;
