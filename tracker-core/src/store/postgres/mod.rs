//! Postgres as a store.

mod connect;
mod connection_string;
mod tls;

pub use self::connect::ConnectionOptions;
pub use self::connection_string::ConnectionStringError;
pub use self::tls::TlsError;
