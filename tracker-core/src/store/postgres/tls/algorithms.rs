//! The algorithms that check signatures: ring's, and those derived from them.

use rustls::{
    CertificateError, DigitallySignedStruct, Error, PeerMisbehaved, SignatureScheme,
    client::danger::HandshakeSignatureValid,
    crypto::ring,
    pki_types::{CertificateDer, SignatureVerificationAlgorithm},
};

use super::certificate::Certificate;

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

/// The schemes of keys restricted to RSASSA-PSS (RFC 8446, 4.2.3), which rustls does not name. Each
/// comes with the scheme that checks the signature. rustls takes them in TLS 1.3 only.
const PSS_KEYS: [(u16, SignatureScheme); 3] = [
    (0x0809, SignatureScheme::RSA_PSS_SHA256),
    (0x080a, SignatureScheme::RSA_PSS_SHA384),
    (0x080b, SignatureScheme::RSA_PSS_SHA512),
];

#[derive(Debug)]
pub(super) struct Algorithms {
    /// The algorithms of certificates' signatures.
    pub(super) of_certificates: Vec<Algorithm>,
    /// The algorithms of handshakes' signatures. A scheme has several only for TLS 1.2, where it
    /// does not determine the curve.
    by_scheme: Vec<(SignatureScheme, Vec<Algorithm>)>,
}

impl Algorithms {
    pub(super) fn known() -> Self {
        let ring = ring::default_provider().signature_verification_algorithms;
        #[cfg_attr(not(feature = "p521"), expect(unused_mut, reason = "nothing is added"))]
        let mut known = Self {
            of_certificates: ring.all.to_vec(),
            by_scheme: ring
                .mapping
                .iter()
                .map(|(scheme, algorithms)| (*scheme, algorithms.to_vec()))
                .collect(),
        };
        #[cfg(feature = "p521")]
        {
            let (scheme, algorithm) = super::p521::OF_HANDSHAKES;
            known.by_scheme.push((scheme, vec![algorithm]));
            known.of_certificates.extend(super::p521::OF_CERTIFICATES);
        }
        known
    }

    /// Returns the schemes that a server may sign a handshake with, the preferred first.
    pub(super) fn schemes(&self) -> Vec<SignatureScheme> {
        let schemes = self.by_scheme.iter().map(|(scheme, _)| *scheme);
        let of_pss_keys = PSS_KEYS
            .iter()
            .map(|(code, _)| SignatureScheme::from(*code));
        schemes.chain(of_pss_keys).collect()
    }

    /// Checks that a server has the key of its certificate, which may be of any version.
    ///
    /// Every `sslmode` needs this check, because channel binding rests on it: otherwise a server
    /// could show another's certificate and pass for that server.
    pub(super) fn check_handshake(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
        is_tls13: bool,
    ) -> Result<HandshakeSignatureValid, Error> {
        let unadvertised = || Error::from(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme);
        if is_tls13 && is_for_older_versions(signed.scheme) {
            return Err(unadvertised());
        }
        let certificate = Certificate::parse(certificate)?;
        let of_pss_key = PSS_KEYS
            .iter()
            .find_map(|(code, by)| (SignatureScheme::from(*code) == signed.scheme).then_some(*by));
        if of_pss_key.is_some() && !certificate.has_pss_key() {
            return Err(CertificateError::BadSignature.into());
        }
        let scheme = of_pss_key.unwrap_or(signed.scheme);
        let (_, algorithms) = self
            .by_scheme
            .iter()
            .find(|(known, _)| *known == scheme)
            .ok_or_else(unadvertised)?;
        let algorithms = if is_tls13 {
            &algorithms[..1]
        } else {
            algorithms
        };
        let is_good = algorithms.iter().any(|algorithm| {
            let any_key = of_pss_key.is_some();
            let signature = signed.signature();
            certificate.has_signed(*algorithm, any_key, message, signature)
        });
        if is_good {
            Ok(HandshakeSignatureValid::assertion())
        } else {
            Err(CertificateError::BadSignature.into())
        }
    }
}

/// True for RSASSA-PKCS1-v1_5, which TLS 1.3 allows for certificates only.
fn is_for_older_versions(scheme: SignatureScheme) -> bool {
    matches!(
        scheme,
        SignatureScheme::RSA_PKCS1_SHA256
            | SignatureScheme::RSA_PKCS1_SHA384
            | SignatureScheme::RSA_PKCS1_SHA512
    )
}
