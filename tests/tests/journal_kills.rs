//! A worker that is killed again and again. Each activity that it reported as durable is in the
//! table, once, and so is each activity recorded before that in the same task.
//!
//! `TRACKER_KILLS=300 TRACKER_MARGIN_MS=50 cargo test --test journal_kills` kills it so often, and wants all else that was recorded so long before the kill as
//! well: what it takes from the queue into the journal is some milliseconds, but a machine that is busy with other things may keep a thread from running
//! for any time. `TRACKER_SEED=…` repeats a run.

use std::{
    collections::{HashMap, HashSet},
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tracker_core::{PostgresStore, Store, Tracker};
use tracker_tests::postgres::TestDatabase;

/// A time limit far beyond the time that delivering the rest takes.
const LIMIT: Duration = Duration::from_mins(2);

/// The worker process, which is killed on drop.
struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        // The process has ended, or ends now.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Worker {
    fn start(directory: &Path, store: &str) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_journaling_worker"))
            .arg(directory)
            .arg(store)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        Self(child.expect("the worker starts"))
    }

    /// Lets the worker run for `time`, kills it, and returns its output.
    fn killed_after(mut self, time: Duration) -> Said {
        let out = self.0.stdout.take().expect("it is piped");
        let reader = thread::spawn(move || {
            let lines = BufReader::new(out).split(b'\n');
            lines
                .map(|line| String::from_utf8(line.expect("a line")).expect("a text"))
                .collect::<Vec<_>>()
        });
        thread::sleep(time);
        let killed_at = now_ms();
        self.0.kill().expect("it is there to be killed");
        let lines = reader.join().expect("its lines can be read");
        Said { lines, killed_at }
    }
}

struct Said {
    lines: Vec<String>,
    killed_at: u128,
}

impl Said {
    /// Adds the IDs that must be in the table to `expected`, each with the output line that proves
    /// it.
    fn add_to(self, expected: &mut HashMap<String, String>) {
        let margin_ms = from_environment("TRACKER_MARGIN_MS").map(u128::from);
        // The activities of each task that the task's next durable activity makes safe.
        let mut recorded: HashMap<String, Vec<String>> = HashMap::new();
        for line in self.lines {
            let words: Vec<_> = line.split(' ').collect();
            match *words {
                // The last line may be truncated.
                ["durable", task, id] if id.len() == 36 => {
                    let safe = recorded.remove(task).unwrap_or_default();
                    expected.extend(safe.into_iter().map(|id| (id, line.clone())));
                    expected.insert(id.to_owned(), line.clone());
                }
                ["recorded", task, id, at] if at.len() == self.killed_at.to_string().len() => {
                    let at: u128 = at.parse().expect("a time");
                    if margin_ms.is_some_and(|margin| at + margin < self.killed_at) {
                        expected.insert(id.to_owned(), line.clone());
                    }
                    let of_task = recorded.entry(task.to_owned()).or_default();
                    of_task.push(id.to_owned());
                }
                _ => {}
            }
        }
    }
}

fn now_ms() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.expect("a clock that is set").as_millis()
}

fn from_environment(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().expect("a number"))
}

async fn ids_in(database: &TestDatabase) -> Vec<String> {
    let rows = database
        .connect()
        .await
        .query("SELECT action_id FROM turbobackend.project_actions", &[])
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn of_a_worker_that_is_killed_at_any_time_nothing_durable_is_missing_and_nothing_is_there_twice()
 {
    let kills = from_environment("TRACKER_KILLS").unwrap_or(40);
    let seed = from_environment("TRACKER_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("TRACKER_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);

    let directory = tempfile::tempdir().unwrap();
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();

    let mut expected = HashMap::new();
    for _ in 0..kills {
        let time = Duration::from_micros(random.u64(0..300_000));
        // This worker ships the activities that the previous one left, and is killed meanwhile as
        // well.
        let worker = Worker::start(directory.path(), database.url());
        worker.killed_after(time).add_to(&mut expected);
    }
    let tracker = Tracker::builder()
        .store(store)
        .journal(directory.path())
        .build()
        .unwrap();
    tracker.flush().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!(
        (stats.journaled, stats.dropped.total()),
        (0, 0),
        "{stats:?}"
    );

    let ids = ids_in(&database).await;
    let stored: HashSet<_> = ids.iter().collect();
    assert_eq!(stored.len(), ids.len(), "an activity is there twice");
    let missing: Vec<_> = expected
        .iter()
        .filter(|(id, _)| !stored.contains(id))
        .collect();
    assert!(
        missing.is_empty(),
        "TRACKER_SEED={seed}: missing {missing:?}"
    );
    println!(
        "{} activities were said to be safe, {} are stored",
        expected.len(),
        ids.len()
    );
    assert!(
        expected.len() as u64 > kills,
        "the workers did hardly anything"
    );
}
