//! The memory of a queued activity.

use std::{
    env, fs,
    io::{Write as _, stdout},
    process::Command,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use tracker_bench_support::Figures;
use tracker_core::{PostgresStore, Tracker};

use crate::activities::call_all;

/// Adds the memory of an activity, measured in a process of its own.
pub(crate) fn measure(activities: usize, figures: &mut Figures) -> anyhow::Result<()> {
    let output = Command::new(env::current_exe()?)
        .args(["--memory", &activities.to_string()])
        .output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "measuring memory failed: {error}");
    let bytes = String::from_utf8(output.stdout)?.trim().parse()?;
    figures.set("bytes_per_queued", bytes);
    Ok(())
}

/// Prints the memory of an activity.
#[expect(clippy::cast_precision_loss, reason = "far fewer bytes")]
pub(crate) async fn print(activities: usize) -> anyhow::Result<()> {
    // No server listens on this port, so all activities stay queued.
    let store = PostgresStore::new("postgres://nobody@127.0.0.1:9/none")?;
    let tracker = Tracker::builder()
        .store(store)
        .queue_capacity(activities.max(1))
        .drop_deadline(Duration::ZERO)
        .build()?;
    let before = resident_bytes()?;
    let calls = call_all(tracker.clone(), 0..activities, u64::MAX);
    tracker.scope(calls).await;
    let taken = resident_bytes()?.saturating_sub(before);
    let queued = tracker.stats().queued;
    ensure!(
        queued == activities as u64,
        "only {queued} of {activities} wait"
    );
    writeln!(stdout(), "{}", taken as f64 / activities as f64)?;
    Ok(())
}

/// Returns the resident memory of the process.
fn resident_bytes() -> anyhow::Result<usize> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    Ok(kilobytes.context("no VmRSS in /proc/self/status")? * 1_024)
}
