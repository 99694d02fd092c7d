//! Journals whose files are removed, replaced or emptied while a process holds them. Within a
//! second or two all activities are on the disk again, where they survive a kill.

#![cfg(unix)]

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;
use tracker_core::journal::{dead_letters, inspect};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{LIMIT, away, journaled, journals, numbered, sorted_details, wait_journaled},
    process::wait_until,
};

/// Returns a copy of the files that a kill at this moment would leave. Another process makes the
/// copy, because closing a file of SQLite releases this process's locks on it.
fn left_by_a_kill(directory: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    // Files may come and go meanwhile, and the directory may be missing.
    let copied = Command::new("cp")
        .arg("-rT")
        .arg(directory)
        .arg(copy.path())
        .output();
    copied.unwrap();
    copy
}

/// Returns the number of activities in the journals of a directory.
fn waiting(directory: &TempDir) -> u64 {
    let Ok(journals) = inspect(directory.path()) else {
        return 0;
    };
    let contents = journals
        .into_iter()
        .filter_map(|journal| journal.contents.ok());
    contents.map(|contents| contents.waiting).sum()
}

/// Returns the activities that the next process ships from the directory.
fn shipped_from(directory: &TempDir, rows: u64) -> Vec<usize> {
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(directory, &store).build().unwrap();
    wait_until(LIMIT, "all is shipped", || tracker.stats().stored >= rows);
    sorted_details(store.memory())
}

type Exchange = fn(&Path);

/// The changes to a journal's files under test.
const EXCHANGES: [(&str, Exchange); 6] = [
    ("the log alone is removed", remove_log),
    ("the file alone is removed", |path| {
        fs::remove_file(path).unwrap();
    }),
    ("the log is removed and another program makes one", |path| {
        remove_log(path);
        let sql = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA user_version = 1'); c.commit()";
        let opened = Command::new("python3").args(["-c", sql]).arg(path).status();
        assert!(opened.unwrap().success());
    }),
    ("another file is moved there", |path| {
        fs::write(path.with_extension("other"), "").unwrap();
        fs::rename(path.with_extension("other"), path).unwrap();
    }),
    ("all of them are removed", |path| {
        remove_log(path);
        fs::remove_file(path).unwrap();
    }),
    ("the directory is removed", |path| {
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
    }),
];

fn beside(path: &Path, suffix: &str) -> std::ffi::OsString {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path
}

fn remove_log(path: &Path) {
    fs::remove_file(beside(path, "-wal")).unwrap();
    fs::remove_file(beside(path, "-shm")).unwrap();
}

#[tokio::test]
async fn what_was_durable_before_and_after_is_there_after_a_kill() {
    for (what, exchange) in EXCHANGES {
        let directory = tempfile::tempdir().unwrap();
        let tracker = journaled(&directory, &away()).build().unwrap();
        for number in 0..100 {
            tracker.record(numbered(number));
        }
        wait_journaled(&tracker, 100);
        exchange(&journals(&directory)[0]);
        tracker.record_durable(numbered(100)).await;
        let left = left_by_a_kill(directory.path());
        assert_eq!(
            shipped_from(&left, 101),
            (0..101).collect::<Vec<_>>(),
            "{what}"
        );
        let stats = tracker.stats();
        assert_eq!((stats.journaled, stats.dropped.total()), (101, 0), "{what}");
    }
}

#[tokio::test]
async fn it_is_made_again_though_nothing_more_is_recorded() {
    for (what, exchange) in EXCHANGES {
        let directory = tempfile::tempdir().unwrap();
        let store = away();
        let tracker = journaled(&directory, &store).build().unwrap();
        for number in 0..100 {
            tracker.record(numbered(number));
        }
        wait_journaled(&tracker, 100);
        exchange(&journals(&directory)[0]);
        wait_until(LIMIT, what, || {
            waiting(&left_by_a_kill(directory.path())) == 100
        });
        let left = left_by_a_kill(directory.path());
        assert_eq!(
            shipped_from(&left, 100),
            (0..100).collect::<Vec<_>>(),
            "{what}"
        );
        // The process that holds the journal continues to work.
        store.come_back();
        tracker.flush().await;
        assert_eq!(
            sorted_details(store.memory()),
            (0..100).collect::<Vec<_>>(),
            "{what}"
        );
    }
}

#[tokio::test]
async fn dead_letters_stay_too() {
    for (what, exchange) in EXCHANGES {
        let directory = tempfile::tempdir().unwrap();
        let refusing = FaultyStore::new(|_, _| Fault::Refused);
        let tracker = journaled(&directory, &refusing).build().unwrap();
        for number in 0..3 {
            tracker.record(numbered(number));
        }
        tracker.flush().await;
        wait_until(LIMIT, what, || tracker.stats().dead_lettered == 3);
        exchange(&journals(&directory)[0]);
        wait_until(LIMIT, what, || {
            let left = left_by_a_kill(directory.path());
            dead_letters(left.path(), 10).is_ok_and(|letters| letters.len() == 3)
        });
    }
}

#[tokio::test]
async fn what_another_process_left_needs_no_log() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &away()).build().unwrap();
    for number in 0..10 {
        tracker.record(numbered(number));
    }
    wait_journaled(&tracker, 10);
    // The files are as a killed process leaves them, with every row in the log. The first number is
    // for the next process's own journal.
    let left = left_by_a_kill(directory.path());
    let [own, others] = ["journal-0.db", "journal-1.db"].map(|name| left.path().join(name));
    for suffix in ["", "-wal", "-shm"] {
        fs::rename(beside(&own, suffix), beside(&others, suffix)).unwrap();
    }
    let store = away();
    let next = journaled(&left, &store).build().unwrap();
    wait_journaled(&next, 10);
    remove_log(&others);
    let left = left_by_a_kill(left.path());
    assert_eq!(shipped_from(&left, 10), (0..10).collect::<Vec<_>>());
}
