//! Trackers with journals, and what is in their directories.
//!
//! Every helper panics where the test it is for has failed already.

#![expect(clippy::missing_panics_doc, reason = "as said above")]

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
    time::Duration,
};

use tempfile::TempDir;
use tracker_core::{ActionType, Activity, MemoryStore, Stats, Tracker, TrackerBuilder};

use crate::{
    faulty_store::{Fault, FaultyStore},
    process::wait_until,
    quick::quick,
};

/// Far more than anything takes that is waited for here.
pub const LIMIT: Duration = Duration::from_mins(2);

/// An activity that can be told from others.
#[must_use]
pub fn numbered(number: usize) -> Activity {
    Activity::new(ActionType::Deployment)
        .project_id("project_7")
        .details(number.to_string())
        .reference("deployment_id", number)
}

/// The details of what is in a store, in its order.
#[must_use]
pub fn details(store: &MemoryStore) -> Vec<String> {
    let activities = store.activities().into_iter();
    activities
        .filter_map(|activity| activity.action_details)
        .collect()
}

/// The numbers of the [`numbered`] activities in a store.
#[must_use]
pub fn sorted_details(store: &MemoryStore) -> Vec<usize> {
    let mut numbers: Vec<_> = details(store)
        .iter()
        .map(|number| number.parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// A store that is away, until it is told to come back.
#[must_use]
pub fn away() -> FaultyStore {
    let store = FaultyStore::new(|_, _| Fault::None);
    store.go_away();
    store
}

/// A [`quick`] tracker with a journal in this directory.
pub fn journaled(directory: &TempDir, store: &FaultyStore) -> TrackerBuilder {
    quick(store.clone()).journal(directory.path())
}

/// Waits until so many activities are in the journal.
pub fn wait_journaled(tracker: &Tracker, rows: u64) {
    wait_until(LIMIT, "all is in the journal", || {
        tracker.stats().journaled == rows
    });
}

/// What a process leaves that recorded while the store was away.
pub async fn leave(directory: impl AsRef<Path>, numbers: Range<usize>) -> Stats {
    let tracker = quick(away()).journal(directory.as_ref()).build().unwrap();
    for number in numbers {
        tracker.record(numbered(number));
    }
    tracker.shutdown(Duration::ZERO).await
}

/// The journals of a directory.
#[must_use]
pub fn journals(directory: &TempDir) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
        .collect();
    files.sort();
    files
}

/// How many damaged journals were set aside.
#[must_use]
pub fn asides(directory: &TempDir) -> usize {
    let names = fs::read_dir(directory.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains("damaged")).count()
}

/// Waits until nobody has a journal: past its deadline a shutdown does not wait for the file to be closed.
pub fn wait_released(directory: &TempDir) {
    let Ok(entries) = fs::read_dir(directory.path()) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path
            .extension()
            .is_some_and(|extension| extension == "lock")
        {
            let lock = fs::File::open(path).unwrap();
            wait_until(LIMIT, "the lock is released", || lock.try_lock().is_ok());
        }
    }
}
