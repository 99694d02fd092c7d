//! The trusted roots, and the check of a certificate's name.

use std::path::Path;

use rustls::{
    CertificateError, Error, RootCertStore,
    client::verify_server_name,
    pki_types::{CertificateDer, ServerName},
    server::ParsedCertificate,
};

use super::{TlsError, certificate::Certificate, files, protection::RootsOf};

#[derive(Debug)]
pub(super) struct Trust {
    pub(super) roots: RootCertStore,
    /// The same roots as in the file of `sslrootcert`, for certificates of a form that rustls does
    /// not accept. Empty for the system's roots, because no public authority issues such
    /// certificates.
    pub(super) certificates: Vec<CertificateDer<'static>>,
}

impl Trust {
    pub(super) fn read(roots: RootsOf<'_>) -> Result<Self, TlsError> {
        match roots {
            RootsOf::System => system(),
            RootsOf::File(path) => in_file(path),
        }
    }

    /// Checks that a server's certificate is for this host: by its alternative names, else, as in
    /// libpq, by its common name.
    pub(super) fn check_name(
        &self,
        server: &CertificateDer<'_>,
        parsed: &Certificate,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
    ) -> Result<(), Error> {
        let by_rustls = ParsedCertificate::try_from(server)
            .and_then(|server| verify_server_name(&server, host));
        match by_rustls {
            Err(refused) if !self.takes_common_names(intermediates) => Err(refused),
            Err(refused) if !parsed.has_common_name(host) => Err(match refused {
                refused @ Error::InvalidCertificate(CertificateError::NotValidForNameContext {
                    ..
                }) => refused,
                // Version 1 has no names to report.
                _ => CertificateError::NotValidForName.into(),
            }),
            _ => Ok(()),
        }
    }

    /// Returns whether common names count: only if no authority is restricted to some names,
    /// because rustls applies such restrictions to alternative names only. Common names never count
    /// with the system's roots, because no public authority issues certificates without alternative
    /// names.
    fn takes_common_names(&self, intermediates: &[CertificateDer<'_>]) -> bool {
        let is_unrestricted = |certificate: &CertificateDer<'_>| {
            Certificate::parse(certificate).is_ok_and(|parsed| !parsed.constrains_names())
        };
        !self.certificates.is_empty()
            && self.certificates.iter().all(is_unrestricted)
            && intermediates.iter().all(is_unrestricted)
    }
}

fn in_file(path: &Path) -> Result<Trust, TlsError> {
    const OPTION: &str = "sslrootcert";
    let certificates = files::certificates(path, OPTION)?;
    let mut roots = RootCertStore::empty();
    for certificate in &certificates {
        roots
            .add(certificate.clone())
            .map_err(|source| TlsError::InvalidCertificate {
                option: OPTION,
                path: path.to_owned(),
                source,
            })?;
    }
    Ok(Trust {
        roots,
        certificates,
    })
}

fn system() -> Result<Trust, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Systems carry old certificates that rustls does not accept; the others still serve.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(TlsError::NoSystemRoots {
            source: found.errors.into_iter().next(),
        });
    }
    Ok(Trust {
        roots,
        certificates: Vec::new(),
    })
}
