//! Validates two kinds of certificates that rustls refuses by their form, and that the instructions
//! in Postgres's manual produce: one of version 1, and a server's certificate that is its own
//! authority.
//!
//! This is a part of RFC 5280's path validation. It refuses everything outside that part: any
//! critical extension that `certificate` does not check, name constraints among them.

use rustls::{
    CertificateError,
    pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime},
};

use super::certificate::Certificate;

/// The greatest number of authorities between a server's certificate and a trusted one.
const DEPTH_MAX: usize = 6;

pub(super) struct Chain<'a> {
    pub(super) server: &'a Certificate,
    pub(super) intermediates: &'a [CertificateDer<'a>],
    pub(super) trusted: &'a [CertificateDer<'static>],
    pub(super) algorithms: &'a [&'static dyn SignatureVerificationAlgorithm],
    pub(super) now: UnixTime,
}

impl Chain<'_> {
    /// Checks that the server's certificate is trusted itself, or that a chain of issuers leads
    /// from it to a trusted one.
    pub(super) fn check(&self, server: &CertificateDer<'_>) -> Result<(), CertificateError> {
        self.server.check_time(self.now)?;
        if !self.server.may_serve() {
            return Err(CertificateError::InvalidPurpose);
        }
        if self.server.is_self_issued() && self.trusted.contains(server) {
            return Ok(());
        }
        // A certificate that can't be read can't be an issuer.
        let read = |certificates: &[CertificateDer<'_>]| {
            let parsed = certificates.iter().map(Certificate::parse);
            parsed.filter_map(Result::ok).collect::<Vec<_>>()
        };
        self.follow(&read(self.intermediates), &read(self.trusted))
    }

    fn follow(
        &self,
        intermediates: &[Certificate],
        trusted: &[Certificate],
    ) -> Result<(), CertificateError> {
        let mut current = self.server;
        for depth in 0..=DEPTH_MAX {
            // A certificate of version 1 can't say that it is an authority; being trusted makes it
            // one.
            let root = trusted.iter().find(|root| {
                (root.is_of_version_1() || root.may_issue(depth))
                    && current.is_issued_by(root, self.algorithms)
            });
            if let Some(root) = root {
                return root.check_time(self.now);
            }
            let issuer = intermediates.iter().find(|issuer| {
                issuer.may_issue(depth) && current.is_issued_by(issuer, self.algorithms)
            });
            current = issuer.ok_or(CertificateError::UnknownIssuer)?;
            current.check_time(self.now)?;
        }
        Err(CertificateError::UnknownIssuer)
    }
}
