//! Following certificates that rustls refuses by their form, which Postgres's own manual makes: one of version 1, and a
//! server's that is its own authority.
//!
//! It is a part of RFC 5280's path validation, and refuses what it has no part for: any critical extension that
//! `certificate` does not look at, name constraints among them.

use rustls::{
    CertificateError,
    pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime},
};

use super::certificate::Certificate;

/// How many authorities may stand between a server's certificate and a trusted one.
const DEPTH_MAX: usize = 6;

pub(super) struct Chain<'a> {
    pub(super) server: &'a Certificate,
    pub(super) intermediates: &'a [CertificateDer<'a>],
    pub(super) trusted: &'a [CertificateDer<'static>],
    pub(super) algorithms: &'a [&'static dyn SignatureVerificationAlgorithm],
    pub(super) now: UnixTime,
}

impl Chain<'_> {
    /// That a trusted certificate vouches for the server's, by way of others or as the same.
    pub(super) fn check(&self, server: &CertificateDer<'_>) -> Result<(), CertificateError> {
        self.server.check_time(self.now)?;
        if !self.server.may_serve() {
            return Err(CertificateError::InvalidPurpose);
        }
        if self.server.is_self_issued() && self.trusted.contains(server) {
            return Ok(());
        }
        // What can't be read can't be an issuer.
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
            // An authority of version 1 can't say that it is one: that it is trusted says so.
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
