//! Reads the files of keys and certificates.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::TlsError;

/// The largest file that is read, in bytes. A whole system's root certificates have about 300 KiB.
pub(super) const BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Reads the certificates in a PEM file, at least one.
pub(super) fn certificates(
    path: &Path,
    option: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read(path, option)?;
    // Malformed sections are skipped, as in the system's roots, because such files contain
    // comments.
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&pem).flatten().collect();
    if certificates.is_empty() {
        return Err(TlsError::NoCertificate {
            option,
            path: path.to_owned(),
        });
    }
    Ok(certificates)
}

pub(super) fn read(path: &Path, option: &'static str) -> Result<Vec<u8>, TlsError> {
    read_bounded(path).map_err(|source| TlsError::UnreadableFile {
        option,
        path: path.to_owned(),
        source,
    })
}

fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path)?
        .take(BYTES_MAX + 1)
        .read_to_end(&mut bytes)?;
    if read as u64 > BYTES_MAX {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("the file has more than {BYTES_MAX} bytes"),
        ));
    }
    Ok(bytes)
}
