//! SQLite files that are replaced while a store has them open. Rows that count as written are in
//! the file that other programs find, and the log reports the event.

#![cfg(unix)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use rusqlite::Connection;
use tempfile::TempDir;
use tokio::time::timeout;
use tracker_core::{
    ActionType, Activity, SqliteStore, Store, StoreError,
    store::FileProblem,
    timeline::{Arrivals, Place, Query},
};
use tracker_tests::{log::Log, quick::quick};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_secs(30);

/// Returns the log of the stores of all tests. Each test looks for its own path.
fn log() -> &'static Log {
    Log::of_process(tracing::Level::WARN)
}

/// A store, its directory and its file.
struct Subject {
    directory: TempDir,
    path: PathBuf,
    store: SqliteStore,
}

impl Subject {
    async fn new() -> Self {
        log();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tracker.db");
        let store = SqliteStore::open(&path).unwrap();
        store.migrate().await.unwrap();
        Self {
            directory,
            path,
            store,
        }
    }

    async fn write(&self, ids: &[&str]) -> Result<(), StoreError> {
        let rows = ids.iter().map(|id| row(id));
        self.store.write(rows.collect()).await
    }

    async fn read(&self) -> Vec<String> {
        let page = self.store.timeline(Query::project("p")).await.unwrap();
        let ids: BTreeSet<_> = page
            .activities
            .into_iter()
            .map(|row| row.action_id)
            .collect();
        ids.into_iter().collect()
    }

    /// Returns the IDs that another program finds in the file at the path and the log beside it.
    fn found(&self) -> Vec<String> {
        found(&self.path)
    }

    /// Makes a complete copy of the file as it is now, and returns its path.
    fn backup(&self) -> PathBuf {
        let path = self.directory.path().join("backup.db");
        let connection = Connection::open(&self.path).unwrap();
        let into = path.to_str().unwrap();
        connection.execute("VACUUM INTO ?1", [into]).unwrap();
        let backup = Connection::open(&path).unwrap();
        let mode: String = backup
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .unwrap();
        assert_eq!(mode, "wal");
        path
    }

    fn remove_log(&self) {
        for suffix in ["-wal", "-shm"] {
            let mut path = self.path.clone().into_os_string();
            path.push(suffix);
            fs::remove_file(path).unwrap();
        }
    }

    /// Asserts that a text was logged `times` times for this file.
    #[track_caller]
    fn assert_said(&self, times: usize, text: &str) {
        let said = log().text();
        let path = self.path.display().to_string();
        let lines = said.lines().filter(|line| line.contains(&path));
        let lines: Vec<_> = lines.filter(|line| line.contains(text)).collect();
        assert_eq!(lines.len(), times, "{said}");
    }
}

fn row(id: &str) -> Activity {
    let mut row = Activity::new(ActionType::Deployment).project_id("p");
    id.clone_into(&mut row.action_id);
    row
}

/// Returns the IDs in copies of a file and its log. Closing the original would release this
/// process's locks on it.
fn found(path: &Path) -> Vec<String> {
    let copies = tempfile::tempdir().unwrap();
    for suffix in ["", "-wal"] {
        let mut from = path.as_os_str().to_owned();
        from.push(suffix);
        if fs::exists(&from).unwrap() {
            let status = Command::new("cp").arg(from).arg(copies.path()).status();
            assert!(status.unwrap().success());
        }
    }
    let copy = copies.path().join(path.file_name().unwrap());
    let connection = Connection::open(copy).unwrap();
    let intact: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(intact, "ok");
    let mut select = connection
        .prepare("SELECT action_id FROM project_actions ORDER BY action_id")
        .unwrap();
    let ids = select.query_map([], |row| row.get(0)).unwrap();
    ids.collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn what_is_written_after_a_backup_was_moved_over_the_file_is_in_it() {
    // The write-ahead log is removed before, as it should be, or not.
    for is_log_removed in [true, false] {
        let subject = Subject::new().await;
        subject.write(&["a", "b"]).await.unwrap();
        let backup = subject.backup();
        subject.write(&["c"]).await.unwrap();
        if is_log_removed {
            subject.remove_log();
        }
        fs::rename(&backup, &subject.path).unwrap();
        subject.write(&["d"]).await.unwrap();
        assert_eq!(subject.read().await, ["a", "b", "d"]);
        assert_eq!(subject.found(), ["a", "b", "d"]);
        subject.assert_said(1, "was removed or replaced while it was in use");
        subject.assert_said(1, "written=3");
        drop(subject.store);
        assert_eq!(found(&subject.path), ["a", "b", "d"]);
    }
}

#[tokio::test]
async fn a_reader_sees_the_file_that_was_moved_there() {
    let subject = Subject::new().await;
    subject.write(&["a"]).await.unwrap();
    let backup = subject.backup();
    subject.write(&["b"]).await.unwrap();
    assert_eq!(subject.read().await, ["a", "b"]);
    fs::rename(&backup, &subject.path).unwrap();
    assert_eq!(subject.read().await, ["a"]);
    subject.store.check().await.unwrap();
}

#[tokio::test]
async fn who_watches_has_news_of_another_file() {
    let subject = Subject::new().await;
    subject.write(&["a"]).await.unwrap();
    let backup = subject.backup();
    let mut watch = subject.store.watch().await.unwrap();
    watch.changed().await.unwrap();
    fs::rename(&backup, &subject.path).unwrap();
    let news = timeout(LIMIT, watch.changed()).await.expect("news");
    assert_eq!(news.unwrap(), Some(i64::MIN));
}

#[tokio::test]
async fn a_file_that_is_moved_away_is_waited_for_and_gone_on_with_when_it_is_back() {
    let subject = Subject::new().await;
    subject.write(&["a"]).await.unwrap();
    let away = subject.directory.path().join("away.db");
    fs::rename(&subject.path, &away).unwrap();
    for error in [
        subject.write(&["b"]).await.unwrap_err(),
        subject
            .store
            .count(Query::project("p").filter().clone())
            .await
            .unwrap_err(),
    ] {
        let is_removed = matches!(
            error,
            StoreError::File {
                problem: FileProblem::Removed,
                ..
            }
        );
        assert!(is_removed && error.is_transient(), "{error:?}");
        assert!(error.to_string().contains("put it back"), "{error}");
    }
    fs::rename(&away, &subject.path).unwrap();
    subject.write(&["b"]).await.unwrap();
    assert_eq!(subject.found(), ["a", "b"]);
    subject.assert_said(0, "while it was in use");
}

#[tokio::test]
async fn in_the_place_of_a_removed_file_migrating_makes_a_new_one() {
    let subject = Subject::new().await;
    subject.write(&["a"]).await.unwrap();
    fs::remove_file(&subject.path).unwrap();
    assert!(subject.write(&["b"]).await.is_err());
    assert!(!subject.path.exists(), "nobody asked for it");
    assert!(!subject.store.migrate().await.unwrap().is_empty());
    subject.write(&["b"]).await.unwrap();
    assert_eq!(subject.found(), ["b"]);
}

#[tokio::test]
async fn a_file_without_the_table_is_waited_for_until_it_has_it() {
    let subject = Subject::new().await;
    subject.write(&["a"]).await.unwrap();
    // The file is truncated in place, and then replaced by an empty one.
    for _ in 0..2 {
        subject.remove_log();
        fs::File::create(&subject.path).unwrap();
        let error = subject.write(&["b"]).await.unwrap_err();
        assert!(matches!(error, StoreError::NotMigrated { .. }), "{error:?}");
        let other = SqliteStore::open(&subject.path).unwrap();
        other.migrate().await.unwrap();
        subject.write(&["b"]).await.unwrap();
        assert_eq!(subject.found(), ["b"]);
        drop(other);
        fs::remove_file(&subject.path).unwrap();
    }
}

#[tokio::test]
async fn a_directory_that_is_replaced_is_noticed_and_a_tracker_writes_into_the_new_one() {
    log();
    let directory = tempfile::tempdir().unwrap();
    let inner = directory.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let path = inner.join("tracker.db");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    let tracker = quick(store).build().unwrap();
    tracker.record(row("a"));
    tracker.flush().await;
    fs::rename(&inner, directory.path().join("old")).unwrap();
    tracker.record(row("b"));
    fs::create_dir(&inner).unwrap();
    SqliteStore::open(&path).unwrap().migrate().await.unwrap();
    tracker.record(row("c"));
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.dropped.total()), (3, 0), "{stats:?}");
    assert_eq!(found(&path), ["b", "c"]);
    assert_eq!(found(&directory.path().join("old/tracker.db")), ["a"]);
}

#[tokio::test]
async fn what_was_in_a_log_that_was_removed_alone_is_in_the_file() {
    for is_reader_first in [true, false] {
        let subject = Subject::new().await;
        subject.write(&["a", "b"]).await.unwrap();
        assert_eq!(subject.read().await, ["a", "b"]);
        subject.remove_log();
        assert_eq!(found_or_nothing(&subject.path), [""; 0]);
        if is_reader_first {
            assert_eq!(subject.read().await, ["a", "b"]);
        }
        subject.write(&["c"]).await.unwrap();
        assert_eq!(subject.found(), ["a", "b", "c"]);
        assert_eq!(subject.read().await, ["a", "b", "c"]);
        subject.assert_said(1, "the write-ahead log of the SQLite file was removed");
    }
}

/// Like [`found`], for a file that may lack the table because its log had it.
fn found_or_nothing(path: &Path) -> Vec<String> {
    let bytes = fs::metadata(path).unwrap().len();
    if bytes <= 4_096 {
        Vec::new()
    } else {
        found(path)
    }
}

#[tokio::test]
async fn beside_the_log_of_another_program_what_is_written_is_in_that() {
    let subject = Subject::new().await;
    let empty = |connection: &Connection| {
        connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
            .unwrap();
    };
    subject.write(&["a"]).await.unwrap();
    empty(&Connection::open(&subject.path).unwrap());
    subject.remove_log();
    // The insert is made by another process, because connections of one process share their
    // knowledge of the log.
    let sql = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(\"INSERT INTO project_actions (action_id, project_id) \
        VALUES ('b', 'p')\"); c.commit()";
    let inserted = Command::new("python3")
        .args(["-c", sql])
        .arg(&subject.path)
        .status();
    assert!(inserted.unwrap().success());
    subject.write(&["c"]).await.unwrap();
    assert_eq!(subject.found(), ["a", "b", "c"]);
    assert_eq!(subject.read().await, ["a", "b", "c"]);
    subject.assert_said(1, "the write-ahead log of the SQLite file was replaced");
}

/// Files are replaced while rows are written one after the other. Each row is in the file that was
/// there when its write began, or in a later one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_counts_as_written_is_in_the_file_that_is_there_however_often_it_is_exchanged() {
    const EXCHANGES: usize = 12;

    let subject = Subject::new().await;
    let template = subject.backup();
    let exchanging = AtomicBool::new(true);
    let mut written = 0;
    let write = async {
        while exchanging.load(Ordering::Acquire) {
            subject.write(&[&format!("{written:06}")]).await.unwrap();
            written += 1;
        }
        written
    };
    let exchange = async {
        for number in 0..EXCHANGES {
            let next = subject.directory.path().join("next.db");
            fs::copy(&template, &next).unwrap();
            if number % 2 == 0 {
                subject.remove_log();
            }
            fs::rename(&next, &subject.path).unwrap();
            // Some rows are written to each file.
            while subject.read().await.len() < 5 {
                tokio::task::yield_now().await;
            }
        }
        exchanging.store(false, Ordering::Release);
    };
    let both = async { tokio::join!(write, exchange) };
    let (written, ()) = timeout(LIMIT, both).await.expect("an end");
    let found = subject.found();
    // The last file has all rows from its first one on, without a gap.
    let expected: Vec<_> = (written - found.len()..written)
        .map(|number| format!("{number:06}"))
        .collect();
    assert_eq!(found, expected);
}

/// Replaces the content of a file by that of another one, like the command `.restore`.
fn restore(from: &Path, into: &Path) {
    let script =
        "import sqlite3, sys; a, b = map(sqlite3.connect, sys.argv[1:]); a.backup(b); b.close()";
    let restored = Command::new("python3")
        .args(["-c", script])
        .args([from, into])
        .status();
    assert!(restored.unwrap().success());
}

#[tokio::test]
async fn a_place_of_a_file_is_unknown_where_another_history_is() {
    let subject = Subject::new().await;
    let arrived = async || subject.store.watermarks().await.unwrap().settled;
    let after = async |place: &Place| {
        let until = arrived().await;
        let arrivals = Arrivals::new(vec!["p".to_owned()], place.clone(), until);
        let found = subject.store.arrivals(arrivals).await;
        found.map(|rows| {
            rows.into_iter()
                .map(|(_, row)| row.action_id)
                .collect::<Vec<_>>()
        })
    };
    let empty = arrived().await;
    subject.write(&["a"]).await.unwrap();
    let first = arrived().await;
    let backup = subject.backup();
    subject.write(&["b"]).await.unwrap();
    let second = arrived().await;
    assert_eq!(after(&first).await.unwrap(), ["b"]);
    assert_eq!(after(&second).await.unwrap(), [""; 0]);

    // A backup that is older than the place is restored into the file, so numbers are assigned
    // again.
    restore(&backup, &subject.path);
    for _ in 0..2 {
        assert_eq!(after(&empty).await.unwrap()[0], "a");
        after(&first).await.unwrap();
        let error = after(&second).await.unwrap_err();
        assert!(
            matches!(error, StoreError::UnknownPlace { .. }),
            "{error:?}"
        );
        assert!(!error.is_transient());
        subject.write(&["c", "d"]).await.unwrap();
    }
    assert_eq!(after(&first).await.unwrap(), ["c", "d"]);

    // The newest rows are removed, and others get their numbers.
    let last = arrived().await;
    let client = Connection::open(&subject.path).unwrap();
    client
        .execute(
            "DELETE FROM project_actions WHERE action_id IN ('c', 'd')",
            [],
        )
        .unwrap();
    after(&last).await.unwrap_err();
    subject.write(&["e", "f", "g"]).await.unwrap();
    after(&last).await.unwrap_err();
    assert_eq!(after(&first).await.unwrap(), ["e", "f", "g"]);

    // This is another file, although it has that row under that number.
    let place = arrived().await;
    fs::copy(&backup, backup.with_extension("other")).unwrap();
    restore(&subject.path, &backup.with_extension("other"));
    fs::rename(backup.with_extension("other"), &subject.path).unwrap();
    after(&place).await.unwrap_err();
    after(&arrived().await).await.unwrap();
    let client = Connection::open(&subject.path).unwrap();

    // VACUUM keeps the order of rows, and may change their numbers.
    let last = arrived().await;
    client
        .execute("DELETE FROM project_actions WHERE action_id = 'e'", [])
        .unwrap();
    client.execute_batch("VACUUM").unwrap();
    subject.write(&["h"]).await.unwrap();
    if let Ok(found) = after(&last).await {
        assert_eq!(found, ["h"]);
    }
}
