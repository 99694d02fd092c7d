//! `tracker journal replay`.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Args;
use tracker_core::{
    Stats, Store as _, Tracker,
    journal::{JournalStatus, damaged as set_aside, inspect},
};

use super::{counting::Counting, none::tell_of_none, status::holder_text};
use crate::{
    bar::Bar,
    failure::PartlyError,
    number::{activities, counted},
    output::print,
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker --store postgres://worker@db.example.org/app journal replay /var/lib/worker/journals

It takes the journals that no process holds, as a worker does that starts there, and leaves the others to their workers. What is not \
delivered when it ends stays, in those of running workers too, and is told with exit code 3. Nothing is written twice. The store must be \
the one that the workers write to.";

/// The interval at which the progress is read.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// The longest time in which the journals are opened. Large damaged ones take longest.
const OPENING_MAX: Duration = Duration::from_mins(1);

/// The longest time in which the journals are closed.
const CLOSING_MAX: Duration = Duration::from_secs(10);

/// Delivers what ended processes have left
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The directory of the journals
    directory: PathBuf,
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let journals = inspect(&arguments.directory)?;
    let aside_before = set_aside(&arguments.directory)?;
    if journals.is_empty() && aside_before.is_empty() {
        // A tracker would make a journal of its own there.
        tell_of_none(&arguments.directory);
        return Ok(());
    }
    let store = Counting::new(settings.open_for_requests()?);
    store
        .check()
        .await
        .with_context(|| format!("{} can't be written to", store.describe()))?;
    let (held, free): (Vec<_>, Vec<_>) = journals.iter().partition(|journal| journal.is_held);
    let waiting = free
        .iter()
        .filter_map(|journal| journal.contents.as_ref().ok())
        .map(|contents| contents.waiting)
        .sum();

    let tracker = Tracker::builder()
        .store(store.clone())
        .journal(&arguments.directory)
        .build()?;
    tokio::select! {
        () = delivered(&tracker, waiting) => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    let stats = tracker.shutdown(CLOSING_MAX).await;
    let held: Vec<_> = held.iter().map(|journal| &*journal.path).collect();
    let mut left = left(&stats, &arguments.directory);
    let aside = set_aside(&arguments.directory)?;
    let newly_aside = aside.iter().filter(|path| !aside_before.contains(path));
    left.extend(newly_aside.map(|path| {
        format!(
            "a damaged journal was set aside as {}: nobody can tell how much more it held, so keep it until you know why",
            path.display()
        )
    }));
    left.extend(left_to_workers(&inspect(&arguments.directory)?, &held));
    print(&delivered_text(stats.stored, store.were_there()))?;
    if left.is_empty() {
        return Ok(());
    }
    Err(PartlyError(left.join("; ")).into())
}

fn delivered_text(delivered: u64, were_there: u64) -> String {
    let delivered = activities(delivered);
    if were_there == 0 {
        return format!("delivered {delivered}");
    }
    let were_there = counted(were_there, "of them was", "of them were");
    format!("delivered {delivered}; {were_there} there already")
}

/// Returns what still waits, or can't be read, in journals of other processes.
fn left_to_workers(journals: &[JournalStatus], held: &[&Path]) -> Vec<String> {
    let others = journals
        .iter()
        .filter(|journal| held.contains(&&*journal.path));
    let left = others.filter_map(|journal| {
        let waiting = match &journal.contents {
            Ok(contents) if contents.waiting == 0 => return None,
            Ok(contents) => {
                let waiting = counted(contents.waiting, "activity waits", "activities wait");
                format!("{waiting} in")
            }
            Err(_) => "nobody can tell what waits in".to_owned(),
        };
        let (path, holder) = (journal.path.display(), holder_text(journal));
        Some(format!(
            "{waiting} {path}, which was left to its worker and is held by {holder}"
        ))
    });
    left.collect()
}

/// Waits until nothing is left to be delivered.
async fn delivered(tracker: &Tracker, waiting: u64) {
    let bar = Bar::new(Some(waiting));
    let began = Instant::now();
    // Journals that are taken over later than this would not be waited for.
    while tracker.stats().adopted < waiting && began.elapsed() < OPENING_MAX {
        tokio::time::sleep(LOOK_INTERVAL).await;
    }
    let mut done = 0;
    let mut flushed = std::pin::pin!(tracker.flush());
    loop {
        let stats = tracker.stats();
        let now = stats.stored + stats.dead_lettered;
        bar.add(now.saturating_sub(done));
        done = now;
        tokio::select! {
            () = &mut flushed => return,
            () = tokio::time::sleep(LOOK_INTERVAL) => {}
        }
    }
}

/// The activities that were taken over and are not in the store.
fn left(stats: &Stats, directory: &Path) -> Vec<String> {
    let mut left = Vec::new();
    if stats.journaled > 0 {
        left.push(format!("{} still wait there", activities(stats.journaled)));
    }
    if stats.dead_lettered > 0 {
        let letters = counted(
            stats.dead_lettered,
            "was refused and is a dead letter",
            "were refused and are dead letters",
        );
        left.push(format!(
            "{letters}: see `tracker journal dead-letters {}`",
            directory.display()
        ));
    }
    if stats.dropped.total() > 0 {
        left.push(format!(
            "{} could not be read",
            activities(stats.dropped.total())
        ));
    }
    left
}
