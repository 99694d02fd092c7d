//! The options of a server.

/// The options of an [`ExclusiveServer`](super::ExclusiveServer). The default is a server without
/// TLS.
#[derive(Clone, Default)]
pub struct ServerOptions {
    /// Offers TLS (`ssl=on`) with this certificate; connections without TLS are accepted as well.
    pub tls: Option<ServerTls>,
    /// Settings in the form of `postgresql.conf`, `name=value`, which override those that make the
    /// tests quick.
    pub settings: Vec<String>,
}

/// The certificate of a server.
#[derive(Clone)]
pub struct ServerTls {
    /// The certificate, with those of the intermediate authorities after it, as PEM.
    pub certificate_pem: String,
    /// The certificate's private key, as PEM.
    pub key_pem: String,
}
