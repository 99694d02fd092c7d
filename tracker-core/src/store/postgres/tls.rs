//! TLS to Postgres with rustls, by libpq's rules.
//!
//! - `protection` interprets the options, and `identity` reads this client's certificate and key.
//! - `verifier` accepts or refuses a server. `trust` holds the trusted roots, `chain` validates the
//!   certificates whose form rustls refuses, and `certificate` reads a certificate.
//! - `algorithms` checks signatures. `handshake` makes the connection and binds the login to it.
//!   `error` has the errors of both.
//!
//! The cryptography is ring's. It is given to rustls explicitly, so that nothing depends on the
//! provider that the process installed, if any. The feature `p521` adds the curve P-521, which ring
//! lacks.

mod algorithms;
mod certificate;
mod chain;
mod error;
mod files;
mod handshake;
mod identity;
#[cfg(feature = "p521")]
mod p521;
mod protection;
mod trust;
mod verifier;

use std::sync::Arc;

use rustls::{
    ClientConfig, SupportedProtocolVersion,
    crypto::ring,
    sign::SingleCertAndKey,
    version::{TLS12, TLS13},
};
use tokio_postgres::config::SslMode;

pub(super) use self::error::{ADVICE, advice};
pub(super) use self::handshake::TlsConnector;
use self::{
    algorithms::Algorithms, identity::Identity, protection::Protection, trust::Trust,
    verifier::Verifier,
};
use super::connection_string::{ConnectionStringError, Environment, Parameters};
pub use crate::store::open_error::tls::TlsError;

/// The TLS settings of a connection string.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    protection: Protection,
    identity: Option<Identity>,
    versions: Vec<&'static SupportedProtocolVersion>,
    /// True if the handshake tells the server the host's name (SNI).
    sni: bool,
    /// True if the login must be bound to the TLS session (channel binding).
    binding_required: bool,
}

impl Tls {
    /// Takes the TLS options out of `parameters`, except those that the driver needs as well. Looks
    /// for files without reading them.
    pub(super) fn take(
        parameters: &mut Parameters,
        environment: &Environment,
    ) -> Result<Self, ConnectionStringError> {
        let protection = Protection::take(parameters, environment)?;
        let identity = Identity::take(parameters, environment);
        // A plaintext connection shows no certificate.
        let identity = if protection == Protection::Plaintext {
            None
        } else {
            identity?
        };
        let versions = versions(parameters)?;
        let sni = match parameters.remove("sslsni").as_deref() {
            None | Some("1") => true,
            Some("0") => false,
            Some(_) => {
                return Err(ConnectionStringError::InvalidValue {
                    option: "sslsni",
                    expected: "0 or 1",
                });
            }
        };
        Ok(Self {
            protection,
            identity,
            versions,
            sni,
            binding_required: parameters
                .get("channel_binding")
                .is_some_and(|binding| binding == "require"),
        })
    }

    /// Turns TLS off, for connections through Unix sockets.
    pub(super) fn off(self) -> Self {
        let protection = Protection::Plaintext;
        Self { protection, ..self }
    }

    /// Returns the resulting `sslmode`.
    pub(super) fn name(&self) -> &'static str {
        self.protection.name()
    }

    /// Returns the part that the driver decides: whether to speak TLS at all.
    pub(super) fn ssl_mode(&self) -> SslMode {
        self.protection.ssl_mode()
    }

    /// Reads the certificates, and returns a connector, or `None` for plaintext.
    pub(super) fn connector(&self) -> Result<Option<TlsConnector>, TlsError> {
        if self.protection == Protection::Plaintext {
            return Ok(None);
        }
        let algorithms = Algorithms::known();
        let trust = match self.protection.roots() {
            None => None,
            Some(roots) => Some(Trust::read(roots)?),
        };
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&self.versions)
            .expect("ring has cipher suites for TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Verifier {
                trust,
                checks_name: matches!(self.protection, Protection::ChainAndName(_)),
                algorithms,
            }));
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => builder
                .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(identity.read()?))),
        };
        config.enable_sni = self.sni;
        // Needed for sslnegotiation=direct, and always sent by libpq.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Some(TlsConnector::new(config, self.binding_required)))
    }
}

/// Returns the TLS versions between the two bounds; rustls has none before 1.2.
fn versions(
    parameters: &mut Parameters,
) -> Result<Vec<&'static SupportedProtocolVersion>, ConnectionStringError> {
    let has_12 = match parameters.remove("ssl_min_protocol_version").as_deref() {
        None | Some("TLSv1" | "TLSv1.1" | "TLSv1.2") => true,
        Some("TLSv1.3") => false,
        Some(_) => {
            return Err(ConnectionStringError::InvalidValue {
                option: "ssl_min_protocol_version",
                expected: "TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3",
            });
        }
    };
    let has_13 = match parameters.remove("ssl_max_protocol_version").as_deref() {
        None | Some("TLSv1.3") => true,
        Some("TLSv1.2") if has_12 => false,
        Some(_) => {
            return Err(ConnectionStringError::InvalidValue {
                option: "ssl_max_protocol_version",
                expected: "TLSv1.2 or TLSv1.3, and no lower than ssl_min_protocol_version",
            });
        }
    };
    let both = [(has_13, &TLS13), (has_12, &TLS12)];
    Ok(both
        .into_iter()
        .filter_map(|(wanted, version)| wanted.then_some(version))
        .collect())
}

#[cfg(test)]
mod tests;
