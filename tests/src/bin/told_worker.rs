//! A worker that follows orders: `told_worker DIRECTORY STORE`, with one order on each line of its
//! input.
//!
//! `record N` calls a tracked function `N` times, `flush` waits until everything is in the store,
//! and `stats` does neither. The answer to each is a line with the number of calls so far that
//! returned the correct value, and the statistics of the tracker. The worker ends with its input.

use std::{
    env,
    io::{self, Write},
};

use anyhow::Context as _;
use tracker_core::{Tracker, tracked};

#[tracked(action = "deployment", details = "{number}")]
async fn deploy(project_id: &str, number: u64) -> Result<u64, io::Error> {
    Ok(number)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = env::args().skip(1);
    let directory = arguments.next().context("no directory is given")?;
    let store = arguments.next().context("no store is given")?;
    let tracker = Tracker::builder()
        .store(tracker_core::store::open(&store)?)
        .journal(&*directory)
        .build()?;
    let (mut number, mut right) = (0, 0);
    for line in io::stdin().lines() {
        let line = line?;
        match line.split_once(' ') {
            Some(("record", count)) => {
                for _ in 0..count.parse::<u64>()? {
                    let result = tracker.scope(deploy("project_7", number)).await;
                    right += u64::from(result.is_ok_and(|result| result == number));
                    number += 1;
                }
            }
            None if line == "flush" => tracker.flush().await,
            None if line == "stats" => {}
            _ => anyhow::bail!("no such order: {line}"),
        }
        let stats = tracker.stats();
        let (queued, journaled, dropped) = (stats.queued, stats.journaled, stats.dropped.total());
        let stored = stats.stored;
        let mut out = io::stdout().lock();
        writeln!(out, "{right} {stored} {queued} {journaled} {dropped}")?;
        out.flush()?;
    }
    Ok(())
}
