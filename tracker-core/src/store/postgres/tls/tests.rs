use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::{ConnectionStringError, Environment, Parameters, Tls, TlsError, files::BYTES_MAX};

fn tls(options: &[(&'static str, &str)]) -> Result<Tls, ConnectionStringError> {
    let mut parameters: Parameters = options
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    Tls::take(&mut parameters, &Environment::none())
}

fn connector_error(path: &std::path::Path) -> TlsError {
    let tls = tls(&[
        ("sslmode", "verify-ca"),
        ("sslrootcert", path.to_str().unwrap()),
    ])
    .unwrap();
    match tls.connector() {
        Ok(_) => panic!("the roots were accepted"),
        Err(error) => error,
    }
}

#[test]
fn a_missing_root_file_is_a_typed_error_with_its_path() {
    let path = TempDir::new().unwrap().path().join("gone.pem");
    let error = connector_error(&path);
    assert!(error.to_string().contains("gone.pem"), "{error}");
    assert!(
        matches!(error, TlsError::UnreadableFile { option: "sslrootcert", path: named, source }
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
        let error = connector_error(&path);
        assert!(matches!(error, TlsError::NoCertificate { .. }), "{text}");
    }
    fs::write(
        &path,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    assert!(matches!(
        connector_error(&path),
        TlsError::InvalidCertificate { .. }
    ));
}

#[test]
fn a_root_file_without_end_is_refused() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("roots.pem");
    let file = fs::File::create(&path).unwrap();
    file.set_len(BYTES_MAX + 1).unwrap();
    assert!(
        matches!(connector_error(&path), TlsError::UnreadableFile { source, .. }
            if source.kind() == std::io::ErrorKind::FileTooLarge)
    );
}

#[test]
fn without_roots_a_connector_needs_no_file_and_no_process_wide_provider() {
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
    for mode in ["prefer", "require"] {
        assert!(
            tls(&[("sslmode", mode)])
                .unwrap()
                .connector()
                .unwrap()
                .is_some()
        );
    }
    // Plaintext needs none either, whatever else is named.
    let gone = PathBuf::from("gone").display().to_string();
    let plain = tls(&[("sslmode", "disable"), ("sslcert", &gone)]).unwrap();
    assert!(plain.connector().unwrap().is_none());
}

#[test]
fn the_versions_of_tls_are_those_between_the_bounds() {
    let count = |options: &[_]| tls(options).map(|tls| tls.versions.len());
    assert_eq!(count(&[]), Ok(2));
    assert_eq!(count(&[("ssl_min_protocol_version", "TLSv1")]), Ok(2));
    assert_eq!(count(&[("ssl_min_protocol_version", "TLSv1.3")]), Ok(1));
    assert_eq!(count(&[("ssl_max_protocol_version", "TLSv1.2")]), Ok(1));
    let none = [
        ("ssl_min_protocol_version", "TLSv1.3"),
        ("ssl_max_protocol_version", "TLSv1.2"),
    ];
    assert!(matches!(
        count(&none),
        Err(ConnectionStringError::InvalidValue {
            option: "ssl_max_protocol_version",
            ..
        })
    ));
}
