//! A worker that records under load until it is killed: `journaling_worker DIRECTORY STORE`.
//!
//! It prints a line for each recorded activity, with the task that recorded it: `durable TASK ID`
//! when the activity is in the journal, and `recorded TASK ID MS` when the call has returned, with
//! the time in milliseconds since the Unix epoch.

use std::{
    env,
    io::{self, Write},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context as _;
use tracker_core::{ActionType, Activity, Durability, Tracker};

/// The number of tasks that record at the same time.
const TASKS: usize = 4;

fn say(line: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush()
}

fn now_ms() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_millis()
}

async fn work(tracker: Tracker, task: usize) -> anyhow::Result<()> {
    loop {
        for _ in 0..5 {
            let activity = Activity::new(ActionType::Deployment).project_id("project_7");
            let id = activity.action_id.clone();
            tracker.record(activity);
            say(&format!("recorded {task} {id} {}\n", now_ms()))?;
        }
        let activity = Activity::new(ActionType::GithubPush).project_id("project_7");
        let id = activity.action_id.clone();
        tracker.record_durable(activity).await;
        say(&format!("durable {task} {id}\n"))?;
        tokio::time::sleep(Duration::from_millis(1)).await;
        anyhow::ensure!(
            tracker.stats().dropped.total() == 0,
            "{:?}",
            tracker.stats()
        );
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let directory = arguments.next().context("no directory is given")?;
    let store = arguments.next().context("no store is given")?;
    let tracker = Tracker::builder()
        .store(tracker_core::store::open(&store)?)
        .journal(&*directory)
        .durability(Durability::Process)
        .build()?;
    let tasks: [_; TASKS] = std::array::from_fn(|task| tokio::spawn(work(tracker.clone(), task)));
    for task in tasks {
        task.await??;
    }
    Ok(())
}
