use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::{ConnectionStringError, Protection, ROOT_FILE_BYTES_MAX, Roots, TlsError};

#[test]
fn each_sslmode_protects_as_libpq_documents() {
    let file = PathBuf::from("ca.pem");
    let chain = || Protection::Chain(file.clone());
    let full = |roots| Protection::ChainAndName(roots);
    for (mode, root, expected) in [
        (None, None, Protection::Opportunistic),
        (None, Some("ca.pem"), Protection::Opportunistic),
        (None, Some("system"), full(Roots::System)),
        (Some("disable"), None, Protection::Plaintext),
        (Some("disable"), Some("system"), Protection::Plaintext),
        (Some("prefer"), None, Protection::Opportunistic),
        (Some("require"), None, Protection::Unverified),
        (Some("require"), Some("ca.pem"), chain()),
        (Some("verify-ca"), Some("ca.pem"), chain()),
        (Some("verify-full"), None, full(Roots::System)),
        (Some("verify-full"), Some("system"), full(Roots::System)),
        (
            Some("verify-full"),
            Some("ca.pem"),
            full(Roots::File(file.clone())),
        ),
    ] {
        assert_eq!(
            Protection::parse(mode, root),
            Ok(expected),
            "{mode:?} {root:?}"
        );
    }
}

#[test]
fn an_unknown_sslmode_is_told_which_there_are() {
    for mode in ["allow", "VERIFY-FULL", "hunter2"] {
        let error = Protection::parse(Some(mode), None).unwrap_err().to_string();
        for accepted in ["disable", "prefer", "require", "verify-ca", "verify-full"] {
            assert!(error.contains(accepted), "{error}");
        }
        assert!(!error.contains(mode), "{error}");
    }
}

#[test]
fn roots_that_would_vouch_for_anyone_are_refused() {
    for (mode, root) in [
        ("verify-ca", None),
        ("verify-ca", Some("system")),
        ("require", Some("system")),
        ("prefer", Some("system")),
    ] {
        assert!(
            matches!(
                Protection::parse(Some(mode), root),
                Err(ConnectionStringError::ConflictingTls { .. })
            ),
            "{mode} {root:?}"
        );
    }
}

fn connector_error(path: PathBuf) -> TlsError {
    match Protection::Chain(path).connector() {
        Ok(_) => panic!("the roots were accepted"),
        Err(error) => error,
    }
}

#[test]
fn a_missing_root_file_is_a_typed_error_with_its_path() {
    let path = TempDir::new().unwrap().path().join("gone.pem");
    let error = connector_error(path.clone());
    assert!(error.to_string().contains("gone.pem"), "{error}");
    assert!(
        matches!(error, TlsError::UnreadableRoots { path: named, source }
            if named == path && source.kind() == std::io::ErrorKind::NotFound)
    );
}

#[test]
fn a_root_file_without_certificates_is_a_typed_error() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("roots.pem");
    for text in [
        "",
        "no PEM",
        "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n",
    ] {
        fs::write(&path, text).unwrap();
        assert!(
            matches!(
                connector_error(path.clone()),
                TlsError::NoCertificate { .. }
            ),
            "{text}"
        );
    }
    fs::write(
        &path,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    assert!(matches!(
        connector_error(path),
        TlsError::InvalidCertificate { .. }
    ));
}

#[test]
fn a_root_file_without_end_is_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("roots.pem");
    let file = fs::File::create(&path).unwrap();
    file.set_len(ROOT_FILE_BYTES_MAX + 1).unwrap();
    assert!(
        matches!(connector_error(path), TlsError::UnreadableRoots { source, .. }
            if source.kind() == std::io::ErrorKind::FileTooLarge)
    );
}

#[test]
fn without_roots_a_connector_needs_no_file_and_no_process_wide_provider() {
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    assert!(Protection::Opportunistic.connector().is_ok());
    assert!(Protection::Unverified.connector().is_ok());
}
