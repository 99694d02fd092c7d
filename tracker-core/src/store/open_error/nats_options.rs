//! The errors of a URL of NATS servers: [`NatsOptionsError`].

use thiserror::Error;

/// The error of a malformed URL of NATS servers. It contains no part of the URL but the names of
/// options.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NatsOptionsError {
    /// The URL does not begin with `nats://` or `tls://`.
    #[error(
        "the URL of a NATS server begins with nats:// or tls://, and names the port for clients: WebSocket (ws://, wss://) is not supported"
    )]
    Scheme,
    /// The URL is longer than 64 KiB.
    #[error("the URL of the NATS servers has more than 64 KiB")]
    TooLong,
    /// The URL names no server, or an invalid one.
    #[error(
        "name the NATS servers as HOST or HOST:PORT, separated by commas and without a path, as in nats://a.example,b.example:4222"
    )]
    Servers,
    /// The part before the `@` is malformed.
    #[error(
        "before the servers, once for all, there can be USER:PASSWORD@ or TOKEN@, with @, :, /, ? and % written as %40, %3A, %2F, %3F and %25"
    )]
    Login,
    /// The URL has an unknown option.
    #[error(
        "there is an unknown option: those of a NATS URL are stream, subject, subjects, credentials, nkey, password_file, token_file, tls_ca, tls_cert, tls_key, tls_first, domain and name"
    )]
    UnknownOption,
    /// The value of an option is invalid.
    #[error("the option {option} of a NATS URL must be {expected}")]
    Value {
        /// The name of the option.
        option: &'static str,
        /// The values that the option accepts.
        expected: &'static str,
    },
}
