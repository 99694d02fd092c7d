//! Trackers with journals, and the contents of their directories.
//!
//! Every helper panics if its test has failed already.

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

/// The longest wait, far above any ordinary one.
pub const LIMIT: Duration = Duration::from_mins(2);

/// Returns an activity with a number.
#[must_use]
pub fn numbered(number: usize) -> Activity {
    Activity::new(ActionType::Deployment)
        .project_id("project_7")
        .details(number.to_string())
        .reference("deployment_id", number)
}

/// Returns the details of the activities in a store, in its order.
#[must_use]
pub fn details(store: &MemoryStore) -> Vec<String> {
    let activities = store.activities().into_iter();
    activities
        .filter_map(|activity| activity.action_details)
        .collect()
}

/// Returns the numbers of the [`numbered`] activities in a store.
#[must_use]
pub fn sorted_details(store: &MemoryStore) -> Vec<usize> {
    let mut numbers: Vec<_> = details(store)
        .iter()
        .map(|number| number.parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// Returns a store that is away until it is reconnected.
#[must_use]
pub fn away() -> FaultyStore {
    let store = FaultyStore::new(|_, _| Fault::None);
    store.go_away();
    store
}

/// Returns a [`quick`] tracker with a journal in this directory.
pub fn journaled(directory: &TempDir, store: &FaultyStore) -> TrackerBuilder {
    quick(store.clone()).journal(directory.path())
}

/// Waits until this number of activities is in the journal.
pub fn wait_journaled(tracker: &Tracker, rows: u64) {
    wait_until(LIMIT, "all is in the journal", || {
        tracker.stats().journaled == rows
    });
}

/// Leaves the journal of a process that recorded while the store was away.
pub async fn leave(directory: impl AsRef<Path>, numbers: Range<usize>) -> Stats {
    let tracker = quick(away()).journal(directory.as_ref()).build().unwrap();
    for number in numbers {
        tracker.record(numbered(number));
    }
    tracker.shutdown(Duration::ZERO).await
}

/// Returns the journals of a directory.
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

/// Returns the number of damaged journals that were set aside.
#[must_use]
pub fn asides(directory: &TempDir) -> usize {
    let names = fs::read_dir(directory.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains("damaged")).count()
}

/// Waits until no process holds a journal: after its deadline a shutdown does not wait for the file
/// to be closed.
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
