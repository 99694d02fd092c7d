//! Wrong usage and failing commands: exit codes and messages.

use std::{fs, io::Read as _};

use rusqlite::Connection;

use crate::support::{Place, numbered};

#[test]
fn what_can_not_be_meant_is_a_usage_error_that_says_why() {
    let place = Place::sqlite();
    for (arguments, says) in [
        (&["lsit"][..], "unrecognized subcommand 'lsit'"),
        (&["list", "-p", "x", "--limit", "many"], "--limit"),
        (&["list", "-p", "x", "--since", "yesterday"], "2026-11-24"),
        (
            &["list", "-p", "x", "--reference", "deployment"],
            "deployment_id:deploy_xyz789",
        ),
        (
            &["export", "--format", "xml"],
            "possible values: jsonl, csv",
        ),
        (&["prune"], "--older-than"),
        (&["prune", "--older-than", "old"], "90d"),
        (&["prune", "--older-than", "99999999y"], "1000 years"),
        (&["prune", "--older-than", "99999999999y"], "1000 years"),
        (&["list", "-p", "x", "--since", "99999999y"], "1000 years"),
        (&["prune", "--older-than", "1d", "--batch", "0"], "--batch"),
        (&["prune", "--older-than", "2h", "--yes"], "--allow-recent"),
        (&["completions", "cmd"], "bash"),
        (&["serve", "--listen", "8080"], "--listen"),
        (&["serve", "--listen", "localhost"], "localhost:8080"),
        (
            &["relay", "--nats", "nats://h", "--metrics", "9464"],
            "localhost:8080",
        ),
        (
            &["serve", "--tokens", "a", "--jwks", "b"],
            "one of --tokens, --jwks",
        ),
        (&["serve", "--rate-limit", "0"], "answer nobody"),
        (&["serve", "--max-connections", "0"], "answer nobody"),
        (&["migrate", "--schema", "app"], "no schemas"),
        (&["migrate", "--store", "mysql://h/db"], "postgres://"),
        (
            &["migrate", "--store", "postgresql+asyncpg://h/db"],
            "`postgresql+asyncpg://`",
        ),
        (
            &["migrate", "--store", "postgres://u:p@h/db?sslcrl=x"],
            "`sslcrl`",
        ),
        (
            &["migrate", "--store", "postgres://u:p@h/db?sslmod=require"],
            "`sslmod`: remove or correct it",
        ),
        (&["migrate", "--store", "sqlite:"], "name the file"),
        (&["migrate", "--store", "tracker"], "./tracker"),
        (&["migrate", "--store", ":memory:"], "sqlite:FILE"),
        (&["migrate", "--config", "missing.toml"], "missing.toml"),
    ] {
        let said = place.run(arguments).failed(2);
        assert!(said.starts_with("error: "), "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
}

#[test]
fn a_password_is_in_no_output() {
    let url = "postgres://user:hidden@127.0.0.1:1/db";
    let place = Place::at(url);
    for (arguments, code) in [
        (&["list", "-p", "x"][..], 1),
        (&["-vvv", "migrate", "--check"], 1),
        (&["tail", "-f", "-p", "x"], 1),
        (&["migrate", url], 2),
        (&["--stor", url], 2),
        (
            &[
                "--store",
                "postgres://user:hidden@127.0.0.1:x/db",
                "migrate",
            ],
            2,
        ),
        (&["serve", "--listen", url], 2),
    ] {
        let said = place.run(arguments).failed(code);
        assert!(!said.contains("hidden"), "{arguments:?}: {said}");
    }
    for command in ["list", "serve", "prune"] {
        let help = place.run(&[command, "--help"]).printed();
        assert!(!help.contains("hidden"), "{help}");
    }
}

#[test]
fn a_server_that_is_away_is_a_failure_with_its_causes() {
    let place = Place::at("postgres://user@127.0.0.1:1/db");
    let said = place.run(&["list", "-p", "project_7"]).failed(1);
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "error: can't list the activities of project_7");
    assert!(
        lines[1].starts_with("  because: can't reach Postgres at 127.0.0.1:1/db as user"),
        "{said}"
    );
    assert!(said.contains("refused"), "{said}");
}

#[test]
fn a_store_without_the_table_is_told_how_to_get_it() {
    let place = Place::sqlite();
    let said = place.run(&["list", "-p", "x"]).failed(1);
    assert!(said.contains("there is no file"), "{said}");
    assert!(said.contains("`tracker migrate`"), "{said}");
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 0);
    fs::write(place.path().join("tracker.db"), "").unwrap();
    for arguments in [
        &["list", "-p", "x"][..],
        &["tail", "-f", "-p", "x"],
        &["export"],
        &["import"],
        &["prune", "--older-than", "2d", "--yes"],
        &["migrate", "--check"],
    ] {
        let said = place.run(arguments).failed(1);
        assert!(
            said.ends_with("  try: tracker migrate, with the same --store and --schema\n"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn a_file_that_another_process_has_locked_is_told_with_who_may_have_it() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let other = Connection::open(place.path().join("tracker.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = place
        .run_with(&["import"], b"{\"action_id\":\"1\",\"project_id\":\"p\"}\n")
        .failed(1);
    for words in [
        "a transaction, a backup or a VACUUM of another process",
        "`fuser FILE`",
        "took longer than 5s",
    ] {
        assert!(said.contains(words), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_can_not_be_written_is_a_failure() {
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Place::sqlite()
        .command(&["completions", "bash"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("the output can't be written"), "{said}");
}

#[tokio::test]
async fn an_output_that_is_closed_ends_it_quietly() {
    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    // The output is larger than the buffer of a pipe.
    place.write((0..5_000).map(numbered).collect()).await;
    for arguments in [
        &["list", "-p", "project_7", "--all"][..],
        &["export"],
        &["export", "--format", "csv"],
    ] {
        let mut child = place.command(arguments).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 100]).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        assert!(output.stderr.is_empty(), "{output:?}");
    }
}
