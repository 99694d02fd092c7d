//! `tracker journal`.

use std::fs;

use tempfile::TempDir;
use tracker_core::Tracker;
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{LIMIT, away, journaled, leave, numbered, wait_journaled, wait_released},
    postgres::TestDatabase,
};

use crate::support::{Place, ids, parsed};

/// Records four activities, the odd ones of which the store refuses.
async fn with_dead_letters(directory: &TempDir) -> Tracker {
    let store = FaultyStore::new(|_, batch| {
        let mut rows = batch.activities().iter();
        if rows.any(|row| ["1", "3"].contains(&row.action_details.as_deref().unwrap_or_default())) {
            Fault::Refused
        } else {
            Fault::None
        }
    });
    let tracker = journaled(directory, &store).build().unwrap();
    for number in 0..4 {
        tracker.record(numbered(number));
    }
    tracker.flush().await;
    tracker
}

fn run(place: &Place, command: &[&str], directory: &TempDir) -> crate::support::Run {
    let path = directory.path().to_str().unwrap();
    place.run(&[&["journal"], command, &[path]].concat())
}

#[tokio::test]
async fn the_status_tells_who_has_a_journal_and_what_is_in_it() {
    let place = Place::sqlite();
    let directory = tempfile::tempdir().unwrap();
    let held = with_dead_letters(&directory).await;
    leave(&directory, 0..12).await;
    fs::write(directory.path().join("journal-7.db"), [b'x'; 8_192]).unwrap();
    let run = run(&place, &["status"], &directory);
    assert_eq!(run.code, Some(3), "{run:?}");
    let lines: Vec<Vec<_>> = run
        .stdout
        .lines()
        .map(|line| {
            line.split("  ")
                .map(str::trim)
                .filter(|cell| !cell.is_empty())
                .collect()
        })
        .collect();
    let header = [
        "JOURNAL",
        "HELD BY",
        "WAITING",
        "OLDEST (UTC)",
        "DEAD LETTERS",
        "SIZE",
    ];
    assert_eq!(lines[0], header);
    assert!(lines[1].starts_with(&["journal-0.db"]), "{run:?}");
    assert_ne!(lines[1][1], "nobody");
    assert_eq!(lines[1][2..4], ["0", "2"]);
    assert_eq!(lines[2][..3], ["journal-1.db", "nobody", "12"]);
    assert_eq!(lines[2][4], "0");
    assert_eq!(
        lines[3],
        ["journal-7.db", "nobody", "unreadable", "8.00 KiB"]
    );
    assert!(run.stderr.contains("journal-7.db can't be read"), "{run:?}");
    drop(held);

    let told = "error: 1 journal can't be read: `tracker journal check ";
    assert!(run.stderr.contains(told), "{run:?}");

    let json = self::run(&place, &["status", "--json"], &directory);
    assert_eq!(json.code, Some(3), "{json:?}");
    assert!(json.stderr.starts_with(told), "{json:?}");
    let journals: Vec<serde_json::Value> = parsed(&json.stdout);
    assert_eq!(journals[1]["waiting"], 12);
    assert_eq!(journals[2]["is_held"], false);
    assert!(journals[2]["error"].is_string());
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_whose_name_is_no_utf8_is_looked_after_like_any_other() {
    use std::os::unix::ffi::OsStrExt as _;

    let place = Place::sqlite();
    place.store().migrate().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    leave(&directory, 0..3).await;
    wait_released(&directory);
    let odd = directory
        .path()
        .join(std::ffi::OsStr::from_bytes(b"caf\xe9"));
    fs::create_dir(&odd).unwrap();
    for entry in fs::read_dir(directory.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::rename(&path, odd.join(path.file_name().unwrap())).unwrap();
        }
    }
    let run = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        crate::support::Run::from(command.arg(&odd).output().unwrap())
    };
    let json = run(&["journal", "status", "--json"]).printed();
    let status: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(status["waiting"], 3);
    let name = status["journal"].as_str().unwrap();
    assert!(name.ends_with("caf\u{FFFD}/journal-0.db"), "{name}");
    let replayed = run(&["journal", "replay"]).printed();
    assert_eq!(replayed, "delivered 3 activities\n");
}

#[tokio::test]
async fn a_replay_delivers_what_was_left_once_and_leaves_what_is_held() {
    for place in Place::of_each_kind().await {
        let directory = tempfile::tempdir().unwrap();
        let held = with_dead_letters(&directory).await;
        leave(&directory, 0..1_500).await;
        wait_free(&directory, 1);
        let first = run(&place, &["replay"], &directory).printed();
        assert_eq!(first, "delivered 1,500 activities\n");
        let stored = place
            .run(&["list", "-p", "project_7", "--all"])
            .activities();
        assert_eq!(stored.len(), 1_500);
        let again = run(&place, &["replay"], &directory).printed();
        assert_eq!(again, "delivered 0 activities\n");
        drop(held);
    }
}

#[tokio::test]
async fn a_replay_names_what_is_left_to_running_workers_and_is_done_in_part() {
    let [place, _] = Place::of_each_kind().await;
    let directory = tempfile::tempdir().unwrap();
    let held = journaled(&directory, &away()).build().unwrap();
    for number in 0..3 {
        held.record(numbered(number));
    }
    wait_journaled(&held, 3);
    leave(&directory, 0..5).await;
    wait_free(&directory, 1);
    let replayed = run(&place, &["replay"], &directory);
    assert_eq!(replayed.code, Some(3), "{replayed:?}");
    assert_eq!(replayed.stdout, "delivered 5 activities\n");
    let journal = directory.path().join("journal-0.db");
    let left = format!("error: 3 activities wait in {}, which", journal.display());
    assert!(replayed.stderr.starts_with(&left), "{replayed:?}");
    #[cfg(target_os = "linux")]
    {
        let holder = format!("is held by process {}\n", std::process::id());
        assert!(replayed.stderr.ends_with(&holder), "{replayed:?}");
    }
    drop(held);
}

#[test]
fn a_directory_that_is_none_is_told_plainly() {
    let place = Place::sqlite();
    fs::write(place.path().join("journal-0.db"), "").unwrap();
    for command in ["status", "check", "replay"] {
        for (path, says) in [
            (
                "missing",
                "there is no such directory; name the one that the workers have",
            ),
            (
                "journal-0.db",
                "it is a file; name the directory in which it lies",
            ),
        ] {
            let said = place.run(&["journal", command, path]).failed(1);
            let expected = format!("error: the journals in {path} can't be read: {says}\n");
            assert!(said.starts_with(&expected), "{said}");
            assert_eq!(said.lines().count(), 2, "{said}");
        }
    }
}

#[test]
fn a_directory_without_journals_is_said_to_be_one_and_left_empty() {
    let place = Place::sqlite();
    fs::create_dir(place.path().join("journals")).unwrap();
    for command in [
        &["status"][..],
        &["status", "--json"],
        &["check"],
        &["replay"],
        &["dead-letters"],
        &["dead-letters", "--requeue"],
        &["dead-letters", "--delete", "--yes"],
    ] {
        let arguments = [&["journal"], command, &["journals"]].concat();
        let run = place.run(&arguments);
        assert_eq!((run.code, &*run.stdout), (Some(0), ""), "{run:?}");
        assert_eq!(run.stderr, "there are no journals in journals\n");
        let missing = [&["journal"], command, &["missing"]].concat();
        let said = place.run(&missing).failed(1);
        assert!(said.contains("there is no such directory"), "{said}");
    }
    let left = fs::read_dir(place.path().join("journals")).unwrap();
    assert_eq!(left.count(), 0);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_replay_counts_what_the_store_had_already() {
    for place in Place::of_each_kind().await {
        let directory = tempfile::tempdir().unwrap();
        leave(&directory, 0..5).await;
        wait_free(&directory, 0);
        // A copy of the journal, as of a machine that was restored.
        let copies = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&directory).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), copies.path().join(entry.file_name())).unwrap();
        }
        let first = run(&place, &["replay"], &directory).printed();
        assert_eq!(first, "delivered 5 activities\n");
        let again = run(&place, &["replay"], &copies).printed();
        assert_eq!(
            again,
            "delivered 5 activities; 5 of them were there already\n"
        );
    }
}

#[tokio::test]
async fn nobody_is_asked_about_removing_no_dead_letters() {
    let place = Place::sqlite();
    leave(place.path().join("journals"), 0..1).await;
    let shown = place.in_terminal("journal dead-letters journals --delete", "");
    assert_eq!(shown.printed(), "there are no dead letters\n");
}

/// Waits until nobody has the journal of this number.
fn wait_free(directory: &TempDir, number: usize) {
    tracker_tests::process::wait_until(LIMIT, "the lock is released", || {
        !tracker_core::journal::inspect(directory).unwrap()[number].is_held
    });
}

#[tokio::test]
async fn a_replay_into_a_store_that_is_away_fails_and_everything_stays() {
    let directory = tempfile::tempdir().unwrap();
    leave(&directory, 0..10).await;
    wait_released(&directory);
    let away = Place::at("postgres://user@127.0.0.1:1/db");
    let said = run(&away, &["replay"], &directory).failed(1);
    assert!(said.contains("can't be written to"), "{said}");
    let status = run(&away, &["status"], &directory).printed();
    assert!(status.contains("nobody   10"), "{status}");
    let missing = away.run(&["journal", "replay", "missing"]).failed(1);
    assert!(
        missing.contains("the journals in missing can't be read"),
        "{missing}"
    );
    assert!(!away.path().join("missing").exists());
}

#[tokio::test]
async fn dead_letters_are_shown_with_their_reason_and_delivered_again() {
    let [place, _] = Place::of_each_kind().await;
    let directory = tempfile::tempdir().unwrap();
    let held = with_dead_letters(&directory).await;
    let letters = run(&place, &["dead-letters"], &directory).printed();
    let letters: Vec<serde_json::Value> = parsed(&letters);
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0]["activity"]["project_id"], "project_7");
    assert!(letters[0]["reason"].as_str().unwrap().contains("refused"));

    let requeued = run(&place, &["dead-letters", "--requeue"], &directory);
    assert_eq!(requeued.code, Some(0), "{requeued:?}");
    assert!(
        requeued
            .stdout
            .starts_with("put 2 dead letters back, into ")
    );
    assert!(requeued.stderr.contains("tracker journal replay"));
    assert_eq!(run(&place, &["dead-letters"], &directory).printed(), "");
    let none = run(&place, &["dead-letters", "--requeue"], &directory).printed();
    assert_eq!(none, "there are no dead letters\n");

    let replayed = run(&place, &["replay"], &directory).printed();
    assert_eq!(replayed, "delivered 2 activities\n");
    let stored = place.run(&["list", "-p", "project_7"]).activities();
    assert_eq!(ids(&stored).len(), 2);
    drop(held);
}

#[tokio::test]
async fn dead_letters_keep_every_digit_of_a_number_and_a_replay_of_refused_rows_is_done_in_part() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    place.run(&["migrate"]).printed();
    let directory = tempfile::tempdir().unwrap();
    let store = FaultyStore::new(|_, _| Fault::Refused);
    let tracker = journaled(&directory, &store).build().unwrap();
    let references = r#"{"a":12345678901234567890123,"b":[0.10,{"c":1e400}]}"#;
    let mut odd = numbered(1);
    odd.reference_ids = serde_json::from_str(references).unwrap();
    tracker.record(odd);
    tracker.flush().await;
    drop(tracker);
    wait_released(&directory);
    let letters = run(&place, &["dead-letters", "--json"], &directory).printed();
    let expected = format!(r#""reference_ids":{references}"#);
    assert!(letters.contains(&expected), "{letters}");

    run(&place, &["dead-letters", "--requeue"], &directory);
    let refuse =
        "ALTER TABLE turbobackend.project_actions ADD CONSTRAINT never CHECK (created_at IS NULL)";
    let postgres = database.connect().await;
    postgres.batch_execute(refuse).await.unwrap();
    let replayed = run(&place, &["replay"], &directory);
    assert_eq!(replayed.code, Some(3), "{replayed:?}");
    assert_eq!(replayed.stdout, "delivered 0 activities\n");
    assert!(
        replayed
            .stderr
            .contains("1 was refused and is a dead letter: see `tracker journal dead-letters /"),
        "{replayed:?}"
    );
    let again = run(&place, &["dead-letters", "--json"], &directory).printed();
    assert!(again.contains(&expected), "{again}");
}

#[tokio::test]
async fn dead_letters_are_removed_only_where_that_is_said_to_be_meant() {
    let place = Place::sqlite();
    let directory = tempfile::tempdir().unwrap();
    let held = with_dead_letters(&directory).await;
    let said = run(&place, &["dead-letters", "--delete"], &directory).failed(2);
    assert!(said.contains("--yes"), "{said}");
    run(
        &place,
        &["dead-letters", "--delete", "--requeue"],
        &directory,
    )
    .failed(2);
    let removed = run(&place, &["dead-letters", "--delete", "--yes"], &directory).printed();
    assert_eq!(removed, "removed 2 dead letters\n");
    assert_eq!(run(&place, &["dead-letters"], &directory).printed(), "");
    drop(held);
}

#[tokio::test]
async fn a_damaged_journal_fails_its_check_and_stays_as_it_is() {
    let place = Place::sqlite();
    let directory = tempfile::tempdir().unwrap();
    leave(&directory, 0..10).await;
    wait_released(&directory);
    let sound = run(&place, &["check"], &directory).printed();
    assert!(
        sound.ends_with("journal-0.db: sound, 10 activities\n"),
        "{sound}"
    );
    let damaged = directory.path().join("journal-1.db");
    fs::write(&damaged, [b'x'; 8_192]).unwrap();
    let run = run(&place, &["check"], &directory);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.stdout.contains(
        "journal-1.db: DAMAGED, 0 activities can be read, nobody can tell how many more it held"
    ));
    assert!(run.stdout.contains("not a database"), "{run:?}");
    let path = directory.path().display();
    let advice =
        format!("error: 1 journal is damaged: `tracker --store URL journal replay {path}`, or");
    assert!(run.stderr.starts_with(&advice), "{run:?}");
    assert_eq!(fs::read(&damaged).unwrap(), [b'x'; 8_192]);

    // The advised replay delivers the rest, and the set-aside file is told from then on.
    place.store().migrate().await.unwrap();
    let replayed = self::run(&place, &["replay"], &directory);
    assert_eq!(replayed.code, Some(3), "{replayed:?}");
    assert!(
        replayed
            .stderr
            .contains("a damaged journal was set aside as "),
        "{replayed:?}"
    );
    assert_eq!(replayed.stdout, "delivered 10 activities\n");
    assert_eq!(tracker_tests::journals::asides(&directory), 1);
    let sound = self::run(&place, &["check"], &directory).printed();
    assert!(!sound.contains("DAMAGED"), "{sound}");
    assert!(sound.contains("set aside as damaged"), "{sound}");
    let again = self::run(&place, &["replay"], &directory).printed();
    assert_eq!(again, "delivered 0 activities\n");
}
