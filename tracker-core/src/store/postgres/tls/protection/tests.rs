use std::{fs, path::PathBuf};

use tempfile::TempDir;

use super::{ConnectionStringError, Environment, Parameters, Protection, Roots};

fn protection(
    options: &[(&'static str, &str)],
    environment: &Environment,
) -> Result<Protection, ConnectionStringError> {
    let mut parameters: Parameters = options
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect();
    let protection = Protection::take(&mut parameters, environment);
    assert!(
        parameters.is_empty() || protection.is_err(),
        "{parameters:?} is left"
    );
    protection
}

fn of_modes(mode: Option<&str>, root: Option<&str>) -> Result<Protection, ConnectionStringError> {
    let mode = mode.map(|mode| ("sslmode", mode));
    let root = root.map(|root| ("sslrootcert", root));
    let options: Vec<_> = mode.into_iter().chain(root).collect();
    protection(&options, &Environment::none())
}

fn full(file: &str) -> Protection {
    Protection::ChainAndName(Roots::File(file.into()))
}

#[test]
fn each_sslmode_protects_as_libpq_documents() {
    let chain = || Protection::Chain("ca.pem".into());
    let full_by_system = || Protection::ChainAndName(Roots::System);
    for (mode, root, expected) in [
        (None, None, Protection::Opportunistic),
        (None, Some("ca.pem"), Protection::Opportunistic),
        (None, Some("system"), full_by_system()),
        (Some("disable"), None, Protection::Plaintext),
        (Some("disable"), Some("system"), Protection::Plaintext),
        (Some("allow"), None, Protection::Opportunistic),
        (Some("prefer"), None, Protection::Opportunistic),
        (Some("require"), None, Protection::Unverified),
        (Some("no-verify"), Some("ca.pem"), Protection::Unverified),
        (Some("require"), Some("ca.pem"), chain()),
        (Some("verify-ca"), Some("ca.pem"), chain()),
        (Some("verify-full"), None, full_by_system()),
        (Some("verify-full"), Some("system"), full_by_system()),
        (Some("verify-full"), Some("ca.pem"), full("ca.pem")),
    ] {
        assert_eq!(of_modes(mode, root), Ok(expected), "{mode:?} {root:?}");
    }
}

#[test]
fn other_clients_words_never_protect_less_than_they_ask_for() {
    let full_by_system = Protection::ChainAndName(Roots::System);
    let chain = Protection::Chain("ca.pem".into());
    for (options, expected) in [
        (vec![("ssl", "true")], Protection::Unverified),
        (vec![("ssl", "false")], Protection::Plaintext),
        (
            vec![("ssl", "false"), ("sslmode", "verify-full")],
            full_by_system.clone(),
        ),
        (vec![("sslaccept", "strict")], full_by_system.clone()),
        (
            vec![("sslaccept", "strict"), ("sslmode", "require")],
            full_by_system.clone(),
        ),
        (
            vec![("sslaccept", "strict"), ("ssl", "true")],
            full_by_system.clone(),
        ),
        (
            vec![("sslaccept", "strict"), ("sslrootcert", "ca.pem")],
            full("ca.pem"),
        ),
        (
            vec![
                ("sslaccept", "strict"),
                ("sslmode", "verify-ca"),
                ("sslrootcert", "ca.pem"),
            ],
            chain.clone(),
        ),
        (
            vec![("sslaccept", "accept_invalid_certs")],
            Protection::Opportunistic,
        ),
        (
            vec![
                ("sslaccept", "accept_invalid_certs"),
                ("sslmode", "require"),
                ("sslrootcert", "ca.pem"),
            ],
            Protection::Unverified,
        ),
        (
            vec![
                ("sslaccept", "accept_invalid_certs"),
                ("sslmode", "verify-full"),
            ],
            full_by_system.clone(),
        ),
    ] {
        assert_eq!(
            protection(&options, &Environment::none()),
            Ok(expected),
            "{options:?}"
        );
    }
}

#[test]
fn an_unknown_sslmode_is_told_which_there_are() {
    for mode in ["VERIFY-FULL", "hunter2"] {
        let error = of_modes(Some(mode), None).unwrap_err().to_string();
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
                of_modes(Some(mode), root),
                Err(ConnectionStringError::ConflictingTls { .. })
            ),
            "{mode} {root:?}"
        );
    }
}

#[test]
fn the_roots_of_the_home_directory_count_where_none_are_named() {
    let home = TempDir::new().unwrap();
    let environment = Environment::none().with_home(home.path());
    let file = home.path().join(".postgresql/root.crt");
    let of = |mode| protection(&[("sslmode", mode)], &environment);
    assert_eq!(of("require"), Ok(Protection::Unverified));

    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::write(&file, "").unwrap();
    assert_eq!(of("require"), Ok(Protection::Chain(file.clone())));
    assert_eq!(of("verify-ca"), Ok(Protection::Chain(file.clone())));
    assert_eq!(of("verify-full"), Ok(full(file.to_str().unwrap())));
    assert_eq!(of("prefer"), Ok(Protection::Opportunistic));
    let system = [("sslmode", "verify-full"), ("sslrootcert", "system")];
    assert_eq!(
        protection(&system, &environment),
        Ok(Protection::ChainAndName(Roots::System))
    );
    let named = [("sslmode", "require"), ("sslrootcert", "ca.pem")];
    assert_eq!(
        protection(&named, &environment),
        Ok(Protection::Chain(PathBuf::from("ca.pem")))
    );
}
