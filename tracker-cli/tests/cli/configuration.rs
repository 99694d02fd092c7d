//! The precedence of settings: flags, then the environment, then the file, then defaults.

use std::{fs, process::Command};

use tracker_tests::postgres::TestDatabase;

use crate::support::Place;

/// Returns the store that `tracker migrate` migrates.
fn migrated(place: &Place, arguments: &[&str], environment: Option<&str>) -> String {
    let mut command = place.command(arguments);
    command.env_remove("TRACKER_STORE").arg("migrate");
    if let Some(url) = environment {
        command.env("TRACKER_STORE", url);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let stdout = String::from_utf8(output.stdout).unwrap();
    let last = stdout.lines().last().unwrap();
    last.replace(" is up to date", "")
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let place = Place::sqlite();
    assert_eq!(migrated(&place, &[], None), "SQLite tracker.db");
    fs::write(
        place.path().join("tracker.toml"),
        "store = 'sqlite:file.db'",
    )
    .unwrap();
    assert_eq!(migrated(&place, &[], None), "SQLite file.db");
    let environment = Some("sqlite:environment.db");
    assert_eq!(migrated(&place, &[], environment), "SQLite environment.db");
    let flag = ["--store", "sqlite:flag.db"];
    assert_eq!(migrated(&place, &flag, environment), "SQLite flag.db");
}

#[test]
fn a_store_is_named_by_the_path_of_its_file_too() {
    let place = Place::sqlite();
    fs::create_dir(place.path().join("data")).unwrap();
    for (name, described) in [
        ("plain.db", "SQLite plain.db"),
        ("data/activities", "SQLite data/activities"),
        ("./other.sqlite3", "SQLite ./other.sqlite3"),
    ] {
        assert_eq!(migrated(&place, &["--store", name], None), described);
    }
    // A file that is there needs no suffix.
    fs::write(place.path().join("activities"), "").unwrap();
    let store = migrated(&place, &["--store", "activities"], None);
    assert_eq!(store, "SQLite activities");
    let file = "store = 'data/activities'";
    fs::write(place.path().join("tracker.toml"), file).unwrap();
    assert_eq!(migrated(&place, &[], None), "SQLite data/activities");

    let missing = ["--store", "gone.db", "list", "-p", "x"];
    let said = place.run(&missing).failed(1);
    assert!(said.contains("there is no file gone.db"), "{said}");
}

#[test]
fn a_file_that_is_named_is_read_and_the_one_in_the_directory_is_not() {
    let place = Place::sqlite();
    fs::write(place.path().join("tracker.toml"), "nonsense").unwrap();
    fs::write(place.path().join("other.toml"), "store = 'sqlite:other.db'").unwrap();
    let named = ["--config", "other.toml"];
    assert_eq!(migrated(&place, &named, None), "SQLite other.db");
}

#[test]
fn the_environment_of_other_programs_is_not_read() {
    let place = Place::sqlite();
    let mut command = place.command(&["migrate"]);
    command.env("DATABASE_URL", "postgres://127.0.0.1:1/db");
    assert!(command.status().unwrap().success());
}

#[test]
fn an_unknown_key_is_an_error_that_names_it() {
    let place = Place::sqlite();
    for (text, says) in [
        ("stroe = 'x'", "line 1: unknown field `stroe`"),
        ("\n[serve]\nport = 80", "line 3: unknown field `port`"),
        ("[prune]\ndry-run = true", "unknown field `dry-run`"),
        (
            "[prune]\nolder-than = 'old'",
            "no length of time such as 90d",
        ),
        ("[serve]\nlisten = 80", "line 2: invalid type"),
    ] {
        fs::write(place.path().join("tracker.toml"), text).unwrap();
        let said = place.run(&["migrate"]).failed(2);
        assert!(said.starts_with("error: tracker.toml, line "), "{said}");
        assert!(said.contains(says), "{said}");
    }
}

#[tokio::test]
async fn a_command_has_its_options_from_its_table() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let file = "[prune]\nolder-than = '1h'\nbatch = 10\n[serve]\nrate-limit = 7";
    fs::write(place.path().join("tracker.toml"), file).unwrap();
    let refused = |command: &mut Command, age: &str| {
        let said = String::from_utf8(command.output().unwrap().stderr).unwrap();
        assert!(
            said.contains(&format!("{age} is less than a day")),
            "{said}"
        );
    };
    let mut command = place.command(&["prune"]);
    refused(&mut command, "1h");
    refused(command.env("TRACKER_PRUNE_OLDER_THAN", "2h"), "2h");
    refused(command.args(["--older-than", "3h"]), "3h");
    let text = place.run(&["prune", "--dry-run"]).printed();
    assert!(text.starts_with("would remove 0 activities"), "{text}");
}

/// Splits a URL into user, password, host, port and database.
fn parts(url: &str) -> [&str; 5] {
    let (_, rest) = url.split_once("://").unwrap();
    let (login, place) = rest.split_once('@').unwrap();
    let (user, password) = login.split_once(':').unwrap();
    let (address, name) = place.split_once('/').unwrap();
    let (host, port) = address.split_once(':').unwrap();
    [user, password, host, port, name]
}

#[tokio::test]
async fn a_postgres_is_found_by_what_psql_reads() {
    use std::os::unix::fs::PermissionsExt;
    let database = TestDatabase::create().await;
    let [user, password, host, port, name] = parts(database.url());

    let home = tempfile::tempdir().unwrap();
    let passwords = home.path().join(".pgpass");
    fs::write(&passwords, format!("{host}:{port}:*:{user}:{password}\n")).unwrap();
    fs::set_permissions(&passwords, fs::Permissions::from_mode(0o600)).unwrap();

    let at = Place::at("postgres://");
    let mut command = at.command(&["migrate"]);
    command.env("HOME", home.path());
    command.envs([
        ("PGHOST", host),
        ("PGPORT", port),
        ("PGUSER", user),
        ("PGDATABASE", name),
    ]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let described = format!("Postgres at {host}:{port}/{name} as {user} is up to date\n");
    assert!(said.ends_with(&described), "{said}");
}

#[tokio::test]
async fn pairs_of_names_and_values_are_taken_as_libpq_does() {
    let database = TestDatabase::create().await;
    let [user, password, host, port, name] = parts(database.url());
    let place = Place::at(&format!(
        "host={host} port={port} user={user} password='{password}' dbname={name}"
    ));
    assert!(
        place
            .run(&["migrate"])
            .printed()
            .ends_with("is up to date\n")
    );
}

#[tokio::test]
async fn a_url_is_taken_as_a_hoster_shows_it_and_what_is_ignored_is_told() {
    let database = TestDatabase::create().await;
    let url = format!(
        "{}?pgbouncer=true&connection_limit=1&schema=public",
        database.url()
    );
    let place = Place::at(&format!("\"{url}\"\n"));
    let run = place.run(&["-v", "migrate"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    for option in ["pgbouncer", "schema"] {
        let told = format!("the option `{option}`");
        assert!(run.stderr.contains(&told), "{}", run.stderr);
    }
    assert!(!place.run(&["migrate"]).stderr.contains("pgbouncer"));
}
