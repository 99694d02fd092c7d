//! Threads that record without a pause, with a journal and without. The account balances at each
//! instant, each activity is stored once, and the memory does not grow.
//!
//! `TRACKER_SOAK_SECONDS=60 cargo test --test threads` runs for longer.

use std::{
    env, fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tracker_core::{
    ActionType, Activity, Store, StoreError, Tracker, TrackerBuilder,
    store::{Batch, BoxFuture},
    timeline::{Page, Query},
};

const THREADS: u64 = 8;

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(2);

/// The maximum growth of the memory of full queues, spare batches and SQLite's caches.
const GROWTH_MAX: u64 = 24 << 20;

/// A store that keeps nothing of a row but its number. Each seventh write fails.
#[derive(Clone, Debug, Default)]
struct SumStore(Arc<Sums>);

#[derive(Debug, Default)]
struct Sums {
    writes: AtomicU64,
    rows: AtomicU64,
    numbers: AtomicU64,
}

impl Store for SumStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        let sums = &self.0;
        if sums.writes.fetch_add(1, Ordering::Relaxed) % 7 == 6 {
            let error = StoreError::Unreachable {
                store: self.describe(),
                source: "as it is to be".into(),
            };
            return Box::pin(async { Err(error) });
        }
        for activity in batch.activities() {
            let details = activity.action_details.as_deref().unwrap();
            let number = details.parse::<u64>().unwrap();
            sums.numbers.fetch_add(number, Ordering::Relaxed);
            sums.rows.fetch_add(1, Ordering::Relaxed);
        }
        Box::pin(async { Ok(()) })
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        Box::pin(async move { Ok(Page::from_rows(&query, Vec::new())) })
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }

    fn describe(&self) -> String {
        "a sum".to_owned()
    }
}

fn seconds() -> u64 {
    env::var("TRACKER_SOAK_SECONDS").map_or(2, |text| text.parse().expect("a number"))
}

/// Returns the resident memory of the process, in bytes.
fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().unwrap() * 1_024
}

/// Records until it is over. Each eighth activity is waited for. Returns the next number.
fn record(tracker: &Tracker, is_over: &AtomicBool, numbers: &AtomicU64) {
    let mut recorded = 0_u64;
    while !is_over.load(Ordering::Relaxed) {
        let number = numbers.fetch_add(1, Ordering::Relaxed);
        let activity = Activity::new(ActionType::Deployment).details(number.to_string());
        recorded += 1;
        if recorded.is_multiple_of(8) {
            let durable = tracker.try_record_durable(activity);
            futures_executor::block_on(durable).unwrap();
        } else {
            tracker.record(activity);
        }
    }
}

/// Looks at the account and the memory until it is over.
fn watch(trackers: &[Tracker], time: Duration) {
    let began = Instant::now();
    let mut settled = None;
    while began.elapsed() < time {
        for tracker in trackers {
            let stats = tracker.stats();
            assert!(stats.is_balanced(), "{stats:?}");
        }
        let resident = resident_bytes();
        if began.elapsed() > time / 4 {
            let more = resident.saturating_sub(*settled.get_or_insert(resident));
            assert!(more < GROWTH_MAX, "{} MiB more", more >> 20);
        }
    }
    assert!(settled.is_some());
}

#[test]
fn threads_lose_nothing_and_take_no_more_memory_for_however_long() {
    let directory = tempfile::tempdir().unwrap();
    let stores = [SumStore::default(), SumStore::default()];
    let [direct, journaled] = stores.clone().map(|store| {
        Tracker::builder()
            .store(store)
            .retry_delays(Duration::from_millis(1), Duration::from_millis(10))
            .full_queue_wait(LIMIT)
            .durable_wait(LIMIT)
    });
    let trackers = [direct, journaled.journal(directory.path())].map(TrackerBuilder::build);
    let trackers = trackers.map(Result::unwrap);
    let (is_over, numbers) = (AtomicBool::new(false), [const { AtomicU64::new(0) }; 2]);
    thread::scope(|scope| {
        for (tracker, numbers) in trackers.iter().zip(&numbers) {
            for _ in 0..THREADS / 2 {
                scope.spawn(|| record(tracker, &is_over, numbers));
            }
        }
        let watched = scope.spawn(|| watch(&trackers, Duration::from_secs(seconds())));
        let watched = watched.join();
        is_over.store(true, Ordering::Relaxed);
        watched.unwrap();
    });
    for ((tracker, numbers), store) in trackers.into_iter().zip(numbers).zip(stores) {
        let calls = numbers.into_inner();
        let stats = futures_executor::block_on(tracker.shutdown(LIMIT));
        println!("{stats:?}");
        assert_eq!((stats.recorded, stats.stored), (calls, calls), "{stats:?}");
        assert_eq!(store.0.rows.load(Ordering::Relaxed), calls);
        let sum = calls * calls.saturating_sub(1) / 2;
        assert_eq!(store.0.numbers.load(Ordering::Relaxed), sum);
    }
}
