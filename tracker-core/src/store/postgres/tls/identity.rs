//! The certificate and key that identify this client, found by libpq's rules.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use rustls::{
    crypto::ring::sign::any_supported_type,
    pki_types::{PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};

use super::{
    super::connection_string::{ConnectionStringError, Environment, Parameters},
    TlsError,
    certificate::Certificate,
    files,
};

const CERTIFICATE_FILE: &str = "postgresql.crt";
const KEY_FILE: &str = "postgresql.key";

/// The files of the certificate and the key. They are sent only to a server that asks for them.
#[derive(Clone)]
pub(super) struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    password: Option<String>,
}

impl Identity {
    pub(super) fn take(
        parameters: &mut Parameters,
        environment: &Environment,
    ) -> Result<Option<Self>, ConnectionStringError> {
        let mut named = |option| parameters.remove(option).map(PathBuf::from);
        let (named_certificate, named_key) = (named("sslcert"), named("sslkey"));
        let is_key_named = named_key.is_some();
        let certificate =
            named_certificate.or_else(|| environment.certificate_file(CERTIFICATE_FILE));
        let key = named_key.or_else(|| environment.certificate_file(KEY_FILE));
        let password = parameters.remove("sslpassword");
        match parameters.remove("sslcertmode").as_deref() {
            None | Some("allow") => {}
            Some("disable") => return Ok(None),
            Some(_) => {
                return Err(ConnectionStringError::InvalidValue {
                    option: "sslcertmode",
                    expected: "disable or allow",
                });
            }
        }
        match (certificate, key) {
            (Some(certificate), Some(key)) => Ok(Some(Self {
                certificate,
                key,
                password,
            })),
            (Some(_), None) => Err(ConnectionStringError::ConflictingTls {
                advice: "with `sslcert` name the file of its key in `sslkey`, or use sslcertmode=disable",
            }),
            (None, Some(_)) if is_key_named => Err(ConnectionStringError::ConflictingTls {
                advice: "with `sslkey` name the file of its certificate in `sslcert`, or use sslcertmode=disable",
            }),
            (None, _) => Ok(None),
        }
    }

    pub(super) fn read(&self) -> Result<CertifiedKey, TlsError> {
        let chain = files::certificates(&self.certificate, "sslcert")?;
        let signing = any_supported_type(&self.read_key()?)
            .map_err(|source| self.unusable_key(Some(source)))?;
        // Compared here because rustls would refuse a certificate of version 1.
        let ours = Certificate::parse(&chain[0]).map_err(|error| TlsError::InvalidCertificate {
            option: "sslcert",
            path: self.certificate.clone(),
            source: error.into(),
        })?;
        if signing
            .public_key()
            .is_some_and(|key| !ours.has_key(key.as_ref()))
        {
            return Err(TlsError::KeyOfAnother {
                key: self.key.clone(),
                certificate: self.certificate.clone(),
            });
        }
        Ok(CertifiedKey::new(chain, signing))
    }

    fn read_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        if is_exposed(&self.key) {
            return Err(TlsError::ExposedKey {
                path: self.key.clone(),
            });
        }
        let bytes = files::read(&self.key, "sslkey")?;
        let text = String::from_utf8_lossy(&bytes);
        if text.contains("Proc-Type: 4,ENCRYPTED") {
            return Err(self.encrypted_key(
                "its encryption is an outdated one: convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc`",
            ));
        }
        if text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
            return self.decrypt_pem(&text);
        }
        if text.contains("-----BEGIN ") {
            return PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| self.unusable_key(None));
        }
        match PrivateKeyDer::try_from(bytes.clone()) {
            Ok(key) => Ok(key),
            Err(_) => self.decrypt_der(&bytes),
        }
    }

    fn unusable_key(&self, source: Option<rustls::Error>) -> TlsError {
        TlsError::UnusableKey {
            path: self.key.clone(),
            source,
        }
    }

    fn encrypted_key(&self, advice: &'static str) -> TlsError {
        TlsError::EncryptedKey {
            path: self.key.clone(),
            advice,
        }
    }
}

#[cfg(feature = "sslpassword")]
impl Identity {
    fn decrypt_pem(&self, text: &str) -> Result<PrivateKeyDer<'static>, TlsError> {
        use pkcs8::der::{SecretDocument, pem::PemLabel as _};
        // Text for people before the key is not PEM.
        let begin = text.find("-----BEGIN ENCRYPTED").unwrap_or_default();
        let (label, document) = SecretDocument::from_pem(text[begin..].trim_end())
            .map_err(|_| self.unusable_key(None))?;
        pkcs8::EncryptedPrivateKeyInfoRef::validate_pem_label(label)
            .map_err(|_| self.unusable_key(None))?;
        self.decrypt_der(document.as_bytes())
    }

    fn decrypt_der(&self, bytes: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
        use rustls::pki_types::PrivatePkcs8KeyDer;
        let encrypted = pkcs8::EncryptedPrivateKeyInfoRef::try_from(bytes)
            .map_err(|_| self.unusable_key(None))?;
        let Some(password) = &self.password else {
            return Err(self.encrypted_key("give its password in `sslpassword`"));
        };
        let key = encrypted.decrypt(password).map_err(|_| {
            self.encrypted_key(
                "check `sslpassword`; the encryption must be PBES2 with AES, as `openssl pkcs8 -topk8` makes it",
            )
        })?;
        Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
    }
}

#[cfg(not(feature = "sslpassword"))]
impl Identity {
    fn decrypt_pem(&self, _: &str) -> Result<PrivateKeyDer<'static>, TlsError> {
        Err(self.encrypted_key("enable the feature `sslpassword`, or decrypt the file"))
    }

    fn decrypt_der(&self, _: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
        Err(self.unusable_key(None))
    }
}

/// Shows no password.
impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("certificate", &self.certificate)
            .field("key", &self.key)
            .field("has_password", &self.password.is_some())
            .finish()
    }
}

/// Returns whether others may have read the key, by libpq's rule: root's key may be readable to a
/// group.
#[cfg(unix)]
fn is_exposed(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    // Reading the file reports why its metadata can't be read.
    std::fs::metadata(path).is_ok_and(|metadata| {
        let others = if metadata.uid() == 0 { 0o037 } else { 0o077 };
        metadata.mode() & others != 0
    })
}

#[cfg(not(unix))]
fn is_exposed(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests;
