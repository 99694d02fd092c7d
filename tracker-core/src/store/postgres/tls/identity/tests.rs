use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
};

use tempfile::TempDir;

use super::{ConnectionStringError, Environment, Identity, Parameters, TlsError};

fn identity(
    options: &[(&'static str, &str)],
    environment: &Environment,
) -> Result<Option<Identity>, ConnectionStringError> {
    let mut parameters: Parameters = options
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    Identity::take(&mut parameters, environment)
}

#[test]
fn a_certificate_without_its_key_and_a_key_without_its_certificate_are_told() {
    let none = Environment::none();
    for (given, missing) in [("sslcert", "`sslkey`"), ("sslkey", "`sslcert`")] {
        let error = identity(&[(given, "a.pem")], &none).unwrap_err();
        assert!(error.to_string().contains(missing), "{error}");
        let unused = identity(&[(given, "a.pem"), ("sslcertmode", "disable")], &none);
        assert!(unused.unwrap().is_none());
    }
    assert!(identity(&[], &none).unwrap().is_none());
}

#[test]
fn the_files_of_the_home_directory_are_used_where_none_are_named() {
    let home = TempDir::new().unwrap();
    let directory = home.path().join(".postgresql");
    fs::create_dir(&directory).unwrap();
    let environment = Environment::none().with_home(home.path());
    fs::write(directory.join("postgresql.key"), "").unwrap();
    assert!(identity(&[], &environment).unwrap().is_none());
    fs::write(directory.join("postgresql.crt"), "").unwrap();
    let found = identity(&[("sslpassword", "s3cret")], &environment)
        .unwrap()
        .unwrap();
    assert_eq!(found.certificate, directory.join("postgresql.crt"));
    assert_eq!(found.key, directory.join("postgresql.key"));
    assert!(!format!("{found:?}").contains("s3cret"));
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let directory = TempDir::new().unwrap();
    let key = directory.path().join("key.pem");
    fs::write(&key, "no key").unwrap();
    let identity = Identity {
        certificate: key.clone(),
        key: key.clone(),
        password: None,
    };
    let of_root = fs::metadata(&key).unwrap().uid() == 0;
    for (mode, exposed) in [
        (0o600, false),
        (0o640, !of_root),
        (0o660, true),
        (0o604, true),
    ] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let error = identity.read_key().unwrap_err();
        let is_exposed = matches!(error, TlsError::ExposedKey { .. });
        assert_eq!(is_exposed, exposed, "{mode:o}: {error}");
    }
}

#[test]
fn an_outdated_encryption_is_told_with_the_command_that_converts_it() {
    let directory = TempDir::new().unwrap();
    let key = directory.path().join("key.pem");
    fs::write(
        &key,
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\nAAAA\n",
    )
    .unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let identity = Identity {
        certificate: key.clone(),
        key,
        password: Some("x".to_owned()),
    };
    let error = identity.read_key().unwrap_err();
    assert!(
        error.to_string().contains("openssl pkcs8 -topk8"),
        "{error}"
    );
}
