//! Tests the sources beside the string, and their order: the environment, a service and a password
//! file.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::{super::Parsed, Environment, Error, parameters};

fn parse(text: &str, environment: &Environment) -> Result<Parsed, Error> {
    super::super::parse(text, environment)
}

/// Writes a file that only its owner can read.
fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    set_mode(path, 0o600);
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn variables_set_what_the_string_leaves_open() {
    let environment = Environment::none()
        .with_variable("PGHOST", "variable")
        .with_variable("PGUSER", "variable")
        .with_variable("PGPASSWORD", "s3cret")
        .with_variable("PGSSLMODE", "require")
        .with_variable("PGDATABASE", "")
        .with_variable("PGTZ", "UTC")
        .with_variable("PGCLIENTENCODING", "LATIN1");
    let parsed = parse("postgres://string@/", &environment).unwrap();
    assert_eq!(
        parsed.parameters,
        parameters([
            ("user", "string"),
            ("host", "variable"),
            ("password", "s3cret"),
            ("sslmode", "require"),
        ])
    );
    assert_eq!(parsed.ignored[0].option, "client_encoding");
    // An empty value in the string means none, not the variable's.
    let parsed = parse("host=h sslmode=''", &environment).unwrap();
    assert_eq!(parsed.parameters.get("sslmode"), None);
    assert!(!format!("{environment:?}").contains("s3cret"));
}

#[test]
fn a_variable_that_asks_for_protection_that_there_is_not_is_refused_by_name() {
    let environment = Environment::none().with_variable("PGSSLCRL", "/crl.pem");
    assert_eq!(
        parse("host=h", &environment),
        Err(Error::UnsupportedOption { option: "sslcrl" })
    );
}

#[test]
fn a_service_comes_before_variables_and_after_the_string() {
    let home = TempDir::new().unwrap();
    fs::write(
        home.path().join(".pg_service.conf"),
        "# services\n[other]\nhost=other\n\n[shop]\n host=service\nport=1\nport=2\ndbname=service\n[shop]\nuser=late\n",
    )
    .unwrap();
    let environment = Environment::none()
        .with_home(home.path())
        .with_variable("PGPORT", "9")
        .with_variable("PGUSER", "variable");
    let expected = parameters([
        ("host", "service"),
        ("port", "1"),
        ("dbname", "string"),
        ("user", "variable"),
    ]);
    let by_option = parse("service=shop dbname=string", &environment).unwrap();
    assert_eq!(by_option.parameters, expected);
    let named = environment.with_variable("PGSERVICE", "shop");
    let by_variable = parse("dbname=string", &named).unwrap();
    assert_eq!(by_variable.parameters, expected);
}

#[test]
fn a_service_is_looked_for_in_the_named_file_and_the_systems() {
    let directory = TempDir::new().unwrap();
    let own = directory.path().join("own.conf");
    fs::write(&own, "[own]\nhost=own\n").unwrap();
    fs::write(
        directory.path().join("pg_service.conf"),
        "[all]\nhost=all\n",
    )
    .unwrap();
    let environment = Environment::none()
        .with_variable("PGSERVICEFILE", own.to_str().unwrap())
        .with_variable("PGSYSCONFDIR", directory.path().to_str().unwrap());
    for service in ["own", "all"] {
        let parsed = parse(&format!("service={service}"), &environment).unwrap();
        assert_eq!(parsed.parameters, parameters([("host", service)]));
    }
    let named = format!("postgres://?service=own&servicefile={}", own.display());
    let parsed = parse(&named, &Environment::none()).unwrap();
    assert_eq!(parsed.parameters, parameters([("host", "own")]));
}

#[test]
fn a_service_that_is_not_there_or_not_valid_is_told() {
    let home = TempDir::new().unwrap();
    let environment = Environment::none().with_home(home.path());
    let error = |text| parse(text, &environment).unwrap_err();
    assert_eq!(error("service=shop"), Error::UnknownService);
    let file = home.path().join(".pg_service.conf");
    for line in ["host", "service=other", "no_option=1"] {
        fs::write(&file, format!("[shop]\n{line}\n")).unwrap();
        assert_eq!(error("service=shop"), Error::InvalidServiceLine { line: 2 });
    }
    fs::write(&file, "[shop]\nsslcrl=x\n").unwrap();
    assert_eq!(
        error("service=shop"),
        Error::UnsupportedOption { option: "sslcrl" }
    );
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    assert!(matches!(
        error("service=shop"),
        Error::UnreadableFile {
            option: "service",
            ..
        }
    ));
}

fn password(lines: &str, text: &str) -> Result<Option<String>, Error> {
    let home = TempDir::new().unwrap();
    write(&home.path().join(".pgpass"), lines);
    let environment = Environment::none()
        .with_home(home.path())
        .with_user("system");
    let mut parsed = parse(text, &environment)?;
    Ok(parsed.parameters.remove("password"))
}

#[test]
fn a_password_file_is_read_by_libpqs_rules() {
    let first = "# h:5432:db:u:comment\nh:5432:db:u:first\n*:*:*:*:any\n";
    for (lines, text, expected) in [
        (first, "postgres://u@h/db", Some("first")),
        (first, "postgres://u@h:5433/db", Some("any")),
        (first, "postgres://u:given@h/db", Some("given")),
        (
            "h:*:u:u:by user's name\n",
            "postgres://u@h",
            Some("by user's name"),
        ),
        (
            "h:*:*:system:by system's\n",
            "postgres://h/db",
            Some("by system's"),
        ),
        (
            "127.0.0.1:*:*:u:by address\n",
            "user=u hostaddr=127.0.0.1",
            Some("by address"),
        ),
        (
            "localhost:*:*:u:socket\n",
            "user=u host=/var/run/postgresql",
            Some("socket"),
        ),
        (
            "/cloudsql/a\\:b\\:c:*:*:u:escaped\n",
            "user=u host=/cloudsql/a:b:c",
            Some("escaped"),
        ),
        (
            "h:*:*:u:a\\:b\\\\c:rest\r\n",
            "postgres://u@h",
            Some("a:b\\c"),
        ),
        ("\\*:*:*:u:literal\n", "postgres://u@h", None),
        ("h:*:*:u\n", "postgres://u@h", None),
        (
            "a:*:*:u:same\nb:*:*:u:same\n",
            "postgres://u@a,b",
            Some("same"),
        ),
    ] {
        let found = password(lines, text).unwrap();
        assert_eq!(found.as_deref(), expected, "{lines} {text}");
    }
    assert_eq!(
        password("a:*:*:u:one\nb:*:*:u:two\n", "postgres://u@a,b"),
        Err(Error::SeveralPasswords)
    );
}

#[test]
fn a_password_file_that_others_can_read_is_ignored_and_told() {
    let home = TempDir::new().unwrap();
    let file = home.path().join("passwords");
    write(&file, "*:*:*:*:secret\n");
    let text = format!("postgres://u@h?passfile={}", file.display());
    let named = parse(&text, &Environment::none()).unwrap();
    assert_eq!(named.parameters["password"], "secret");

    set_mode(&file, 0o640);
    let environment = Environment::none().with_variable("PGPASSFILE", file.to_str().unwrap());
    let parsed = parse("postgres://u@h", &environment).unwrap();
    assert_eq!(parsed.parameters.get("password"), None);
    assert_eq!(parsed.ignored[0].option, "passfile");

    let gone = Environment::none().with_variable("PGPASSFILE", "/does/not/exist");
    assert!(parse("postgres://u@h", &gone).unwrap().ignored.is_empty());
}

#[test]
fn a_string_alone_reads_nothing_beside_it() {
    let parsed = parse("postgres://h", &Environment::none()).unwrap();
    assert_eq!(parsed.parameters, parameters([("host", "h")]));
}
