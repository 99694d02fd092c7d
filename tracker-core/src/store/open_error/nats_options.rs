//! What is wrong with a URL of NATS servers: [`NatsOptionsError`].

use thiserror::Error;

/// What is wrong with a URL of NATS servers. No part of the URL is in it but names of options.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NatsOptionsError {
    /// It does not begin with `nats://` or `tls://`.
    #[error(
        "the URL of a NATS server begins with nats:// or tls://, and names the port for clients: WebSocket (ws://, wss://) is not supported"
    )]
    Scheme,
    /// It has more than 64 KiB.
    #[error("the URL of the NATS servers has more than 64 KiB")]
    TooLong,
    /// It names no server, or one that can't be one.
    #[error(
        "name the NATS servers as HOST or HOST:PORT, separated by commas and without a path, as in nats://a.example,b.example:4222"
    )]
    Servers,
    /// What stands before the `@` can't be understood.
    #[error(
        "before the servers, once for all, there can be USER:PASSWORD@ or TOKEN@, with @, :, /, ? and % written as %40, %3A, %2F, %3F and %25"
    )]
    Login,
    /// There is no such option.
    #[error(
        "there is an unknown option: those of a NATS URL are stream, subject, subjects, credentials, nkey, password_file, token_file, tls_ca, tls_cert, tls_key, tls_first, domain and name"
    )]
    UnknownOption,
    /// An option's value can't be one.
    #[error("the option {option} of a NATS URL must be {expected}")]
    Value {
        /// Which one.
        option: &'static str,
        /// What it may be.
        expected: &'static str,
    },
}
