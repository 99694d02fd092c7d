//! Why TLS could not be set up: [`TlsError`]; and why a server was not taken: [`Untrusted`].

use std::{io, path::PathBuf};

use rustls::{AlertDescription, CertificateError};
use thiserror::Error;

/// Why TLS could not be set up.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file of certificates or of a key could not be read.
    #[error("could not read the file of `{option}`, {}: check the path and its permissions", .path.display())]
    UnreadableFile {
        /// The option that names the file, or that it is the default of.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file of certificates has none.
    #[error("found no certificate in the file of `{option}`, {}: it must be PEM, with a BEGIN CERTIFICATE line", .path.display())]
    NoCertificate {
        /// The option that names the file, or that it is the default of.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A certificate in a file can't be used.
    #[error("could not use a certificate in the file of `{option}`, {}: replace or remove it", .path.display())]
    InvalidCertificate {
        /// The option that names the file, or that it is the default of.
        option: &'static str,
        /// The file.
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
    /// Others than its owner could have read the client's key.
    #[error("the file of `sslkey`, {}, can be read or written by others: chmod 0600, or 0640 where root owns it", .path.display())]
    ExposedKey {
        /// The file.
        path: PathBuf,
    },
    /// The client's key is encrypted, and was not decrypted.
    #[error("could not decrypt the key in the file of `sslkey`, {}: {advice}", .path.display())]
    EncryptedKey {
        /// The file.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
    },
    /// The client's key is none, or of a kind that can't be used.
    #[error("could not use the key in the file of `sslkey`, {}: it must be an RSA, P-256, P-384 or Ed25519 key as PKCS#8, PKCS#1 or SEC1, in PEM or DER", .path.display())]
    UnusableKey {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, where more is known.
        source: Option<rustls::Error>,
    },
    /// The client's key is another than that of its certificate.
    #[error("the key of `sslkey`, {}, is not that of the certificate of `sslcert`, {}: name the two that belong together", .key.display(), .certificate.display())]
    KeyOfAnother {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
}

/// Why a server was not taken in a handshake, with what to do.
#[derive(Debug, Error)]
#[error("{what}: {advice}")]
pub(super) struct Untrusted {
    what: &'static str,
    advice: &'static str,
    source: rustls::Error,
}

impl Untrusted {
    /// With advice, where there is any to give.
    pub(super) fn explained(error: io::Error) -> io::Error {
        let known = error
            .get_ref()
            .and_then(|source| source.downcast_ref::<rustls::Error>())
            .and_then(|error| Some((advice(error)?, error.clone())));
        match known {
            None => error,
            Some(((what, advice), source)) => io::Error::other(Self {
                what,
                advice,
                source,
            }),
        }
    }
}

fn advice(error: &rustls::Error) -> Option<(&'static str, &'static str)> {
    const REFUSED: &str = "the server's certificate was not accepted";
    Some(match error {
        rustls::Error::InvalidCertificate(reason) => {
            let advice = match reason {
                CertificateError::UnknownIssuer => {
                    "name its authority's certificate in `sslrootcert`, or, where it is self-signed, the certificate \
                     itself"
                }
                CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. } => {
                    "use a host name that it is for, or sslmode=verify-ca"
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "renew it, or set the clock of this machine"
                }
                _ => "have it issued anew, or use another `sslmode`",
            };
            (REFUSED, advice)
        }
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => (
            "the server found no way to speak TLS with this client",
            "a key on the curve P-521 needs TLS 1.3 and the feature `p521`, and one on P-224, secp256k1, Brainpool's \
             curves or Ed448 is not supported",
        ),
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired,
        ) => (
            "the server did not accept this client's certificate",
            "name one that it trusts in `sslcert`, with its key in `sslkey`",
        ),
        _ => return None,
    })
}
