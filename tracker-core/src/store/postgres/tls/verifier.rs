//! Accepts or refuses a server by its certificate.

use rustls::{
    DigitallySignedStruct, Error, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor,
    },
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::{algorithms::Algorithms, certificate::Certificate, chain::Chain, trust::Trust};

#[derive(Debug)]
pub(super) struct Verifier {
    /// `None` accepts any certificate.
    pub(super) trust: Option<Trust>,
    pub(super) checks_name: bool,
    pub(super) algorithms: Algorithms,
}

impl Verifier {
    fn check_chain(
        &self,
        trust: &Trust,
        server: &CertificateDer<'_>,
        parsed: &Certificate,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let algorithms = &self.algorithms.of_certificates;
        // rustls accepts neither form as a server's certificate.
        let is_trusted_itself = || parsed.is_self_issued() && trust.certificates.contains(server);
        if parsed.is_of_version_1() || is_trusted_itself() {
            let chain = Chain {
                server: parsed,
                intermediates,
                trusted: &trust.certificates,
                algorithms,
                now,
            };
            return Ok(chain.check(server)?);
        }
        verify_server_cert_signed_by_trust_anchor(
            &ParsedCertificate::try_from(server)?,
            &trust.roots,
            intermediates,
            now,
            algorithms,
        )
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(trust) = &self.trust {
            let parsed = Certificate::parse(end_entity)?;
            self.check_chain(trust, end_entity, &parsed, intermediates, now)?;
            if self.checks_name {
                trust.check_name(end_entity, &parsed, intermediates, server_name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.algorithms
            .check_handshake(message, certificate, signed, false)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.algorithms
            .check_handshake(message, certificate, signed, true)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.schemes()
    }
}
