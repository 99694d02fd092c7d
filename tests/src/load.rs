//! Repeated calls of a function while something happens to the store: [`Load`].

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::task::JoinHandle;
use tracker_core::{Store, Tracker, TrackerBuilder, tracked};

/// A tracked function that returns its number, which is in the details.
#[tracked(action = "deployment", details = "{number}")]
pub async fn deploy(project_id: &str, number: u64) -> u64 {
    number
}

/// Returns a tracker with short retries, whose queue holds everything meanwhile.
pub fn tracker(store: impl Store) -> TrackerBuilder {
    Tracker::builder()
        .store(store)
        .batch_age(Duration::from_millis(5))
        .retry_delays(Duration::from_millis(5), Duration::from_millis(50))
        .queue_capacity(1 << 20)
}

/// Calls the tracked function about twenty times every two milliseconds, until it is ended.
pub struct Load {
    ended: Arc<AtomicBool>,
    calls: JoinHandle<u64>,
}

impl Load {
    /// Starts on a task of the current runtime.
    #[must_use]
    pub fn on(tracker: &Tracker) -> Self {
        let ended = Arc::new(AtomicBool::new(false));
        let (tracker, end) = (tracker.clone(), Arc::clone(&ended));
        let calls = tokio::spawn(async move {
            let mut number = 0;
            while !end.load(Ordering::Relaxed) {
                for _ in 0..20 {
                    tracker.scope(deploy("project_7", number)).await;
                    number += 1;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            number
        });
        Self { ended, calls }
    }

    /// Ends, and returns the number of calls.
    ///
    /// # Panics
    ///
    /// If a call has panicked.
    pub async fn end(self) -> u64 {
        self.ended.store(true, Ordering::Relaxed);
        self.calls.await.expect("no call panics")
    }
}

/// Checks that the table has each call once.
///
/// # Panics
///
/// If it has not, or can't be read.
pub async fn assert_once_each(client: &tokio_postgres::Client, calls: u64) {
    let query = "SELECT count(*), count(DISTINCT action_details) FROM turbobackend.project_actions";
    let row = client.query_one(query, &[]).await.expect("the counts");
    let counts: (i64, i64) = (row.get(0), row.get(1));
    let calls = i64::try_from(calls).expect("so many can't be made");
    assert_eq!(counts, (calls, calls));
}
