//! One of many workers: `publishing_worker JOURNALS NUMBER PER_SECOND`, with the store's URL in
//! `TRACKER_STORE`.
//!
//! It records `PER_SECOND` activities a second until the line `end` arrives on its input. Then it
//! prints their number, and fails unless all of them are stored. It ends at once when the input
//! ends.

use std::{env, process, time::Duration};

use anyhow::Context as _;
use tokio::{
    io::{AsyncBufReadExt, BufReader, stdin},
    runtime::Builder,
    time::{MissedTickBehavior, interval},
};
use tracker_core::{Tracker, tracked};
use tracker_tests::workers::{details_of, project_of};

/// The longest time until everything is stored, which is that of an outage.
const SHUTDOWN_LIMIT: Duration = Duration::from_mins(3);

#[tracked(action = "deployment", details = "{details}")]
async fn deploy(project_id: &str, details: &str) {}

fn main() -> anyhow::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let worked = runtime.block_on(work());
    // Otherwise the runtime would wait for the thread that reads the input.
    runtime.shutdown_background();
    worked
}

async fn work() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let journals = arguments.next().context("no directory is given")?;
    let mut number = || -> anyhow::Result<u64> {
        let argument = arguments.next().context("a number is missing")?;
        Ok(argument.parse()?)
    };
    let (worker, per_second) = (number()?, number()?);
    let store = env::var("TRACKER_STORE").context("TRACKER_STORE is not set")?;
    let tracker = Tracker::builder()
        .store(tracker_core::store::open(&store)?)
        .journal(&*journals)
        .build()?;

    let period = u64::checked_div(1_000_000, per_second).context("no activity is asked for")?;
    let mut ticks = interval(Duration::from_micros(period.max(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut lines = BufReader::new(stdin()).lines();
    let mut recorded = 0;
    loop {
        tokio::select! {
            line = lines.next_line() => match line?.as_deref() {
                Some("end") => break,
                _ => process::exit(1),
            },
            _ = ticks.tick() => {
                let (project, details) = (project_of(worker, recorded), details_of(worker, recorded));
                tracker.scope(deploy(&project, &details)).await;
                recorded += 1;
            }
        }
    }
    let stats = tokio::select! {
        stats = tracker.shutdown(SHUTDOWN_LIMIT) => stats,
        _ = lines.next_line() => process::exit(1),
    };
    anyhow::ensure!(
        (stats.recorded, stats.stored) == (recorded, recorded),
        "{recorded} were recorded: {stats:?}"
    );
    println!("{recorded}");
    Ok(())
}
