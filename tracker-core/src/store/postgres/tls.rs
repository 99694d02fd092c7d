//! TLS towards Postgres: what `sslmode` and `sslrootcert` ask for, as a rustls connector.
//!
//! The cryptography is ring's, given to rustls explicitly, so that nothing depends on which provider the process
//! installed, if any.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{
    WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use thiserror::Error;
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connection_string::ConnectionStringError;

/// The largest file of root certificates that is read, in bytes. A whole system's is about 300 KiB.
const ROOT_FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How a connection is protected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Protection {
    /// `disable`: plaintext.
    Plaintext,
    /// `prefer`: TLS with whoever answers, and plaintext if the server has none.
    Opportunistic,
    /// `require`: TLS with whoever answers.
    Unverified,
    /// `verify-ca`: TLS with a server whose certificate one of the roots vouches for, whatever name it is for.
    Chain(PathBuf),
    /// `verify-full`: the same, and the certificate is for the host that was asked for.
    ChainAndName(Roots),
}

/// Whose word on a certificate is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// The operating system's certificate authorities.
    System,
    /// Those in a file.
    File(PathBuf),
}

/// Why TLS could not be set up.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The file of root certificates could not be read.
    #[error("could not read the root certificates of `sslrootcert`, {}: check the path and its permissions", .path.display())]
    UnreadableRoots {
        /// The file that `sslrootcert` names.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file of root certificates has none.
    #[error("found no certificate in the file of `sslrootcert`, {}: it must be PEM, with a BEGIN CERTIFICATE line", .path.display())]
    NoCertificate {
        /// The file that `sslrootcert` names.
        path: PathBuf,
    },
    /// A certificate in the file can't be used as a root.
    #[error("could not use a certificate in the file of `sslrootcert`, {}: replace or remove it", .path.display())]
    InvalidCertificate {
        /// The file that `sslrootcert` names.
        path: PathBuf,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// The operating system has no root certificates, or none that can be read.
    #[error(
        "found no root certificates on this system: install them (the package is often called ca-certificates), or name a file with `sslrootcert`"
    )]
    NoSystemRoots {
        /// The first problem met, if there was one beside their absence.
        source: Option<rustls_native_certs::Error>,
    },
}

impl Protection {
    /// What the two options ask for together.
    pub(super) fn parse(
        sslmode: Option<&str>,
        sslrootcert: Option<&str>,
    ) -> Result<Self, ConnectionStringError> {
        let system = sslrootcert == Some("system");
        // As libpq does: whoever trusts every public authority must check the name, or trusts everyone with a domain.
        let sslmode = sslmode.unwrap_or(if system { "verify-full" } else { "prefer" });
        if system && matches!(sslmode, "prefer" | "require" | "verify-ca") {
            return Err(ConnectionStringError::ConflictingTls {
                advice: "with sslrootcert=system use sslmode=verify-full",
            });
        }
        match (sslmode, sslrootcert) {
            ("disable", _) => Ok(Self::Plaintext),
            ("prefer", _) => Ok(Self::Opportunistic),
            ("require", None) => Ok(Self::Unverified),
            ("require" | "verify-ca", Some(path)) => Ok(Self::Chain(path.into())),
            ("verify-ca", None) => Err(ConnectionStringError::ConflictingTls {
                advice: "with sslmode=verify-ca name a file of root certificates in `sslrootcert`, or use verify-full",
            }),
            ("verify-full", Some(path)) if !system => {
                Ok(Self::ChainAndName(Roots::File(path.into())))
            }
            ("verify-full", _) => Ok(Self::ChainAndName(Roots::System)),
            _ => Err(ConnectionStringError::InvalidValue {
                option: "sslmode",
                expected: "disable, prefer, require, verify-ca or verify-full",
            }),
        }
    }

    /// The `sslmode` that asks for it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Plaintext => "disable",
            Self::Opportunistic => "prefer",
            Self::Unverified => "require",
            Self::Chain(_) => "verify-ca",
            Self::ChainAndName(_) => "verify-full",
        }
    }

    /// The part of it that the driver decides: whether to speak TLS at all.
    pub(super) fn ssl_mode(&self) -> SslMode {
        match self {
            Self::Plaintext => SslMode::Disable,
            Self::Opportunistic => SslMode::Prefer,
            Self::Unverified | Self::Chain(_) | Self::ChainAndName(_) => SslMode::Require,
        }
    }

    /// The part of it that rustls decides: which servers to trust. Reads the root certificates.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has cipher suites for TLS 1.2 and 1.3");
        let nameless = |roots| Arc::new(NamelessVerifier { roots, algorithms });
        let builder = match self {
            Self::Plaintext | Self::Opportunistic | Self::Unverified => builder
                .dangerous()
                .with_custom_certificate_verifier(nameless(None)),
            Self::Chain(path) => builder
                .dangerous()
                .with_custom_certificate_verifier(nameless(Some(roots_in_file(path)?))),
            Self::ChainAndName(Roots::File(path)) => {
                builder.with_root_certificates(roots_in_file(path)?)
            }
            Self::ChainAndName(Roots::System) => builder.with_root_certificates(system_roots()?),
        };
        let mut config = builder.with_no_client_auth();
        // Needed for sslnegotiation=direct, and sent by libpq in any case.
        config.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(MakeRustlsConnect::new(config))
    }
}

fn roots_in_file(path: &Path) -> Result<RootCertStore, TlsError> {
    let pem = read_bounded(path).map_err(|source| TlsError::UnreadableRoots {
        path: path.to_owned(),
        source,
    })?;
    let mut roots = RootCertStore::empty();
    // A section that is no well-formed PEM is passed over, as it is for the system's roots: such files carry comments.
    for certificate in CertificateDer::pem_slice_iter(&pem).flatten() {
        roots
            .add(certificate)
            .map_err(|source| TlsError::InvalidCertificate {
                path: path.to_owned(),
                source,
            })?;
    }
    if roots.is_empty() {
        return Err(TlsError::NoCertificate {
            path: path.to_owned(),
        });
    }
    Ok(roots)
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path)?
        .take(ROOT_FILE_BYTES_MAX + 1)
        .read_to_end(&mut bytes)?;
    if read as u64 > ROOT_FILE_BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("the file has more than {ROOT_FILE_BYTES_MAX} bytes"),
        ));
    }
    Ok(bytes)
}

fn system_roots() -> Result<RootCertStore, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Systems carry old certificates that rustls won't take; the others still serve.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(TlsError::NoSystemRoots {
            source: found.errors.into_iter().next(),
        });
    }
    Ok(roots)
}

/// Checks a server's certificate without regard to the name it is for: that one of the roots vouches for it, or, with no
/// roots, nothing. Either way the server must prove that the certificate is its own.
#[derive(Debug)]
struct NamelessVerifier {
    roots: Option<RootCertStore>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for NamelessVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Some(roots) = &self.roots {
            verify_server_cert_signed_by_trust_anchor(
                &ParsedCertificate::try_from(end_entity)?,
                roots,
                intermediates,
                now,
                self.algorithms.all,
            )?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests;
