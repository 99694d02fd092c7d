//! The reasons that no protected connection was made: [`Untrusted`].

use std::io;

use rustls::{AlertDescription, CertificateError};
use thiserror::Error;

/// The reason that no protected connection was made, with advice.
#[derive(Debug, Error)]
#[error("{advice}")]
pub(super) struct Untrusted {
    advice: &'static str,
    source: rustls::Error,
}

impl Untrusted {
    /// Adds advice to an error of TLS; returns any other error unchanged.
    pub(super) fn explained(error: io::Error) -> io::Error {
        let of_tls = error
            .get_ref()
            .and_then(|source| source.downcast_ref::<rustls::Error>());
        match of_tls {
            None => error,
            Some(source) => io::Error::other(Self {
                advice: advice_about(source),
                source: source.clone(),
            }),
        }
    }
}

/// The advice if TLS failed for a reason that rustls does not name, for instance with a server
/// without TLS.
pub(in super::super) const ADVICE: &str = "turn TLS on in the server, or set another `sslmode`";

/// Returns advice about an I/O error that is one of TLS, or `None` for any other.
pub(in super::super) fn advice(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    let error = error.downcast_ref::<io::Error>()?.get_ref()?;
    Some(error.downcast_ref::<Untrusted>()?.advice)
}

fn advice_about(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another host: use a name that it is for, or sslmode=verify-ca"
            }
            // The signature is bad if another authority has the same name.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "its certificate is of an authority that is not trusted, or signed by itself: name the authority's in \
                 `sslrootcert`, or, where it is self-signed, the certificate itself"
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired: renew it, or set this machine's clock"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet: set this machine's clock, or wait"
            }
            _ => "its certificate was refused: have it issued anew, or use another `sslmode`",
        },
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            "the server found no way to speak TLS with this client: a key on the curve P-521 needs TLS 1.3 and a \
             program that was built with it, and one on P-224, secp256k1, Brainpool's curves or Ed448 is not supported"
        }
        rustls::Error::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnknownCA
            | AlertDescription::CertificateExpired,
        ) => {
            "the server did not accept this client's certificate: name one that it trusts in `sslcert`, with its key in \
             `sslkey`"
        }
        rustls::Error::AlertReceived(_) => {
            "the server ended the handshake: its log tells why, a certificate that it wants of the client for instance"
        }
        _ => "the two do not agree on TLS: the source tells on what",
    }
}
