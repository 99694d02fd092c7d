//! Machine failures around a worker with a journal: a full disk, a directory without write access,
//! and a clock that jumps back.

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Write},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, SystemTime},
};

use tempfile::TempDir;
use tracker_core::{PostgresStore, Store, Tracker};
use tracker_tests::{
    journals::{LIMIT, leave},
    postgres::{ExclusiveServer, ServerOptions, TestDatabase},
    process::wait_until,
};

const WORKER: &str = env!("CARGO_BIN_EXE_told_worker");

/// A [`WORKER`] process, which is killed on drop.
struct Worker {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The counters that the worker reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Account {
    /// The number of calls that returned the expected value.
    right: u64,
    stored: u64,
    queued: u64,
    journaled: u64,
    dropped: u64,
}

impl Worker {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the worker starts");
        let orders = child.stdin.take().expect("it is piped");
        let answers = BufReader::new(child.stdout.take().expect("it is piped"));
        Self {
            child,
            orders,
            answers,
        }
    }

    /// Sends an order, waits until it is done, and returns the counters.
    fn told(&mut self, order: &str) -> Account {
        writeln!(self.orders, "{order}").expect("the worker lives");
        let mut answer = String::new();
        self.answers.read_line(&mut answer).expect("an answer");
        let numbers = answer.split_whitespace().map(str::parse);
        let numbers: Vec<u64> = numbers.collect::<Result<_, _>>().expect("numbers");
        let [right, stored, queued, journaled, dropped] = numbers[..] else {
            panic!("the worker said {answer:?}")
        };
        Account {
            right,
            stored,
            queued,
            journaled,
            dropped,
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // The process has ended, or ends now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the details and the time of each row, in the order of the IDs.
async fn rows(client: &tokio_postgres::Client) -> Vec<(u64, i64)> {
    let query = "SELECT action_details, created_at FROM turbobackend.project_actions ORDER BY action_id COLLATE \"C\"";
    let rows = client.query(query, &[]).await.unwrap();
    rows.iter()
        .map(|row| (row.get::<_, String>(0).parse().unwrap(), row.get(1)))
        .collect()
}

fn numbers(rows: &[(u64, i64)]) -> Vec<u64> {
    let mut numbers: Vec<_> = rows.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_is_full_changes_no_result_and_loses_nothing_while_the_queue_has_room() {
    /// Limits files to half a mebibyte. A write beyond that is an error instead of a signal.
    const SMALL_FILES: &str = r#"trap "" XFSZ && ulimit -f 1024 && exec "$0" "$@""#;
    const CALLS: u64 = 5_000;

    let mut server =
        tokio::task::block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let store = PostgresStore::new(server.url()).unwrap();
    store.migrate().await.unwrap();
    tokio::task::block_in_place(|| server.stop());

    let directory = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", SMALL_FILES, WORKER]);
    let mut worker = Worker::start(shell.arg(directory.path()).arg(server.url()));
    assert_eq!(worker.told(&format!("record {CALLS}")).right, CALLS);
    let mut account = worker.told("stats");
    wait_until(LIMIT, "the journal takes no more", || {
        let before = account;
        account = worker.told("stats");
        account == before && account.journaled > 0
    });
    assert!(account.queued > 0, "{account:?}");
    assert_eq!(account.queued + account.journaled, CALLS, "{account:?}");

    tokio::task::block_in_place(|| server.start());
    let account = worker.told("flush");
    assert_eq!((account.stored, account.dropped), (CALLS, 0), "{account:?}");
    // The disk has room again for the next activities.
    assert_eq!(worker.told("record 100").right, CALLS + 100);
    assert_eq!(worker.told("flush").stored, CALLS + 100);
    let rows = rows(&server.connect().await).await;
    assert_eq!(numbers(&rows), (0..CALLS + 100).collect::<Vec<_>>());
}

/// Copies the worker's program to a place where every user can run it, and makes a directory that
/// only its owner can write to.
fn readable_by_all() -> (TempDir, PathBuf, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), Permissions::from_mode(0o755)).unwrap();
    let program = place.path().join("worker");
    fs::copy(WORKER, &program).unwrap();
    let directory = place.path().join("journals");
    fs::create_dir(&directory).unwrap();
    (place, program, directory)
}

fn set_modes(directory: &Path, file: u32, folder: u32) {
    for entry in fs::read_dir(directory).unwrap() {
        fs::set_permissions(entry.unwrap().path(), Permissions::from_mode(file)).unwrap();
    }
    fs::set_permissions(directory, Permissions::from_mode(folder)).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_can_only_be_read_keeps_nothing_from_the_store_and_what_is_in_it_stays() {
    /// The ID of a user without write access.
    const NOBODY: u32 = 65_534;

    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let (_place, program, directory) = readable_by_all();
    leave(&directory, 1_000..1_010).await;
    set_modes(&directory, 0o444, 0o555);

    let mut command = Command::new(program);
    command.arg(&directory).arg(database.url());
    if rustix::process::geteuid().is_root() {
        // Root ignores permissions.
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut worker = Worker::start(&mut command);
    assert_eq!(worker.told("record 100").right, 100);
    let account = worker.told("flush");
    assert_eq!(
        (account.stored, account.journaled, account.dropped),
        (100, 0, 0)
    );
    drop(worker);

    set_modes(&directory, 0o644, 0o755);
    let tracker = Tracker::builder()
        .store(store)
        .journal(&*directory)
        .build()
        .unwrap();
    tracker.flush().await;
    wait_until(LIMIT, "what was left is shipped", || {
        tracker.stats().stored == 10
    });
    let rows = rows(&database.connect().await).await;
    assert_eq!(
        numbers(&rows),
        (0..100).chain(1_000..1_010).collect::<Vec<_>>()
    );
}

/// Returns the path of the library that fakes a process's time.
fn libfaketime() -> PathBuf {
    let places = ["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(Path::new);
    let folders = places.iter().flat_map(|place| {
        let inner = fs::read_dir(place).into_iter().flatten().flatten();
        inner
            .map(|entry| entry.path().join("faketime"))
            .chain([place.join("faketime")])
    });
    let mut files = folders.map(|folder| folder.join("libfaketime.so.1"));
    files.find(|file| file.exists()).expect(
        "libfaketime is missing: install Debian's package `faketime`, or run `scripts/test`, which does",
    )
}

fn ms_since_epoch() -> i64 {
    let since = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since.as_millis()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_back_loses_nothing_delays_nothing_and_ids_keep_their_order() {
    const HOUR_MS: i64 = 3_600_000;
    /// A time limit far below the hour of the jump.
    const SOON: Duration = Duration::from_secs(20);

    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let clock = directory.path().join("clock");
    fs::write(&clock, "+0").unwrap();
    let mut command = Command::new(WORKER);
    command
        .env("LD_PRELOAD", libfaketime())
        .env("FAKETIME_TIMESTAMP_FILE", &clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .arg(directory.path().join("journals"))
        .arg(database.url());
    let mut worker = Worker::start(&mut command);
    let began = SystemTime::now();
    let before = ms_since_epoch();
    worker.told("record 500");
    worker.told("flush");
    fs::write(&clock, "-1h").unwrap();
    worker.told("record 500");
    let account = worker.told("flush");
    assert_eq!(
        (account.right, account.stored, account.dropped),
        (1_000, 1_000, 0)
    );
    assert!(began.elapsed().unwrap() < SOON);

    let rows = rows(&database.connect().await).await;
    // The IDs follow the order of recording, although half of the times are an hour earlier.
    let by_id: Vec<_> = rows.iter().map(|(number, _)| *number).collect();
    assert_eq!(by_id, (0..1_000).collect::<Vec<_>>());
    assert!(rows[..500].iter().all(|(_, at)| *at >= before));
    assert!(rows[500..].iter().all(|(_, at)| *at < before - HOUR_MS / 2));
}
