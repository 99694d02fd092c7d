//! Whose word on a server's certificate is taken.

use std::path::Path;

use rustls::{RootCertStore, pki_types::CertificateDer};

use super::{TlsError, files, protection::RootsOf};

#[derive(Debug)]
pub(super) struct Trust {
    pub(super) roots: RootCertStore,
    /// The same as they are in the file of `sslrootcert`, for certificates of a form that rustls has no notion of. Empty
    /// with the system's: no public authority issues such.
    pub(super) certificates: Vec<CertificateDer<'static>>,
}

impl Trust {
    pub(super) fn read(roots: RootsOf<'_>) -> Result<Self, TlsError> {
        match roots {
            RootsOf::System => system(),
            RootsOf::File(path) => in_file(path),
        }
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
    // Systems carry old certificates that rustls won't take; the others still serve.
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
