//! The reasons that TLS could not be set up: [`TlsError`].

use std::{io, path::PathBuf};

use thiserror::Error;

/// The reason that TLS could not be set up.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file of certificates or of a key could not be read.
    #[error("could not read the file of `{option}`, {}: check the path and its permissions", .path.display())]
    UnreadableFile {
        /// The option that names the file, or whose default the file is.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// A file of certificates has none.
    #[error("found no certificate in the file of `{option}`, {}: it must be PEM, with a BEGIN CERTIFICATE line", .path.display())]
    NoCertificate {
        /// The option that names the file, or whose default the file is.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// A certificate in a file can't be used.
    #[error("could not use a certificate in the file of `{option}`, {}: replace or remove it", .path.display())]
    InvalidCertificate {
        /// The option that names the file, or whose default the file is.
        option: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of rustls.
        source: rustls::Error,
    },
    /// The operating system has no root certificates, or none that can be read.
    #[error(
        "found no root certificates on this system: install them (the package is often called ca-certificates), or name a file with `sslrootcert`"
    )]
    NoSystemRoots {
        /// The first error met, if any.
        source: Option<rustls_native_certs::Error>,
    },
    /// The client's key may have been read by others than its owner.
    #[error("the file of `sslkey`, {}, can be read or written by others: chmod 0600, or 0640 where root owns it", .path.display())]
    ExposedKey {
        /// The file.
        path: PathBuf,
    },
    /// The client's key is encrypted, and could not be decrypted.
    #[error("could not decrypt the key in the file of `sslkey`, {}: {advice}", .path.display())]
    EncryptedKey {
        /// The file.
        path: PathBuf,
        /// The remedy.
        advice: &'static str,
    },
    /// The file of the client's key has no key, or one of a kind that can't be used.
    #[error("could not use the key in the file of `sslkey`, {}: it must be an RSA, P-256, P-384 or Ed25519 key as PKCS#8, PKCS#1 or SEC1, in PEM or DER", .path.display())]
    UnusableKey {
        /// The file.
        path: PathBuf,
        /// The error of rustls, if it has one.
        source: Option<rustls::Error>,
    },
    /// The client's key does not belong to its certificate.
    #[error("the key of `sslkey`, {}, is not that of the certificate of `sslcert`, {}: name the two that belong together", .key.display(), .certificate.display())]
    KeyOfAnother {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
}
