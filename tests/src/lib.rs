//! The helpers that the tests of the workspace share.
//!
//! Everything is removed by itself: a test that returns, panics or is killed leaves no process,
//! file or database, and every server listens on loopback alone. A helper that fails panics with
//! the reason, because a test without its database would prove nothing.

pub mod api;
pub mod arrivals;
pub mod assets;
pub mod attributes;
pub mod browser;
pub mod engine;
pub mod errors;
pub mod examples;
pub mod faulty_store;
pub mod filters;
pub mod floors;
pub mod http;
pub mod job;
pub mod journals;
pub mod linked;
pub mod load;
pub mod log;
pub mod nats;
pub mod openssl;
pub mod partitions;
pub mod pgbouncer;
pub mod pglite;
pub mod pgpool;
pub mod postgres;
pub mod process;
pub mod prose;
pub mod proxy;
pub mod pruning;
pub mod quick;
pub mod relay;
pub mod running;
mod server;
pub mod service;
pub mod sources;
pub mod store_suite;
pub mod web_proxy;
pub mod workers;

pub use self::server::ReservedPort;
