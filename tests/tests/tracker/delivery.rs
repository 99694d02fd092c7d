//! Delivery of activities to the store. No failure there reaches the caller.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tracing::Level;
use tracker_core::{ActionType, Activity, BuildError, MemoryStore, Tracker};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    log::Log,
    process::wait_until,
    quick::quick,
};

/// A time limit far beyond the need of any test. A test that reaches it fails.
const LIMIT: Duration = Duration::from_secs(30);

fn numbered(number: usize) -> Activity {
    Activity::new(ActionType::Deployment).details(number.to_string())
}

fn details(store: &MemoryStore) -> Vec<String> {
    let activities = store.activities().into_iter();
    activities
        .filter_map(|activity| activity.action_details)
        .collect()
}

#[tokio::test]
async fn activities_arrive_in_the_order_in_which_they_were_recorded() {
    let store = MemoryStore::new();
    let tracker = quick(store.clone()).batch_rows(7).build().unwrap();
    for number in 0..100 {
        tracker.record(numbered(number));
    }
    tracker.flush().await;
    assert_eq!(
        details(&store),
        (0..100)
            .map(|number| number.to_string())
            .collect::<Vec<_>>()
    );
}

#[test]
fn recording_works_on_a_thread_without_a_runtime_and_dropping_the_handle_delivers() {
    let store = MemoryStore::new();
    let tracker = quick(store.clone()).build().unwrap();
    tracker.record(numbered(1));
    drop(tracker);
    assert_eq!(details(&store), ["1"]);
}

#[test]
fn a_tracker_outlives_the_runtime_in_which_it_was_built() {
    let store = MemoryStore::new();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let tracker = runtime.block_on(async { quick(store.clone()).build().unwrap() });
    drop(runtime);
    tracker.record(numbered(1));
    drop(tracker);
    assert_eq!(details(&store), ["1"]);
}

#[tokio::test]
async fn a_batch_that_fails_is_written_again_and_arrives_once() {
    let faults = [Fault::Unreachable, Fault::AnswerLost, Fault::Panics];
    let store = FaultyStore::new(move |write, batch| {
        assert_eq!(batch.is_retry(), write > 0);
        faults
            .get(usize::try_from(write).unwrap())
            .copied()
            .unwrap_or(Fault::None)
    });
    let tracker = quick(store.clone()).build().unwrap();
    tracker.record(numbered(1));
    tracker.flush().await;
    assert_eq!(details(store.memory()), ["1"]);
    assert_eq!(store.writes(), 4);
    assert_eq!(tracker.stats().stored, 1);
}

#[tokio::test]
async fn a_store_that_is_away_is_asked_and_not_sent_the_batch_again_until_it_is_back() {
    let store = FaultyStore::new(|_, _| Fault::None);
    store.go_away();
    let tracker = quick(store.clone()).build().unwrap();
    tracker.record(numbered(1));
    wait_until(LIMIT, "the store is asked again and again", || {
        store.checks() > 20
    });
    assert_eq!(store.writes(), 1);
    let stats = tracker.stats();
    assert_eq!((stats.queued, stats.dropped.total()), (1, 0));
    store.come_back();
    tracker.flush().await;
    assert_eq!(details(store.memory()), ["1"]);
    assert_eq!(store.writes(), 2);
}

#[tokio::test]
async fn rows_that_fail_though_the_store_answers_are_found_and_counted_and_the_others_arrive() {
    let store = FaultyStore::new(|_, batch| {
        let poisoned = |activity: &Activity| activity.action_details.as_deref() == Some("13");
        if batch.activities().iter().any(poisoned) {
            Fault::Failed
        } else {
            Fault::None
        }
    });
    let tracker = quick(store.clone()).batch_rows(20).build().unwrap();
    for number in 0..40 {
        tracker.record(numbered(number));
    }
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!(
        (stats.recorded, stats.stored, stats.dropped.store_failed),
        (40, 39, 1)
    );
    let expected: HashSet<_> = (0..40)
        .filter(|number| *number != 13)
        .map(|number| number.to_string())
        .collect();
    // The next batch does not wait for the one that contains the row.
    let stored: HashSet<_> = details(store.memory()).into_iter().collect();
    assert_eq!(stored, expected);
    assert_eq!(store.memory().activities().len(), 39);
}

#[tokio::test]
async fn a_write_that_never_ends_counts_as_failed_at_its_time_out() {
    let store = FaultyStore::new(|write, _| {
        if write == 0 {
            Fault::Hangs
        } else {
            Fault::None
        }
    });
    let tracker = quick(store.clone())
        .write_timeout(Duration::from_millis(20))
        .build()
        .unwrap();
    tracker.record(numbered(1));
    tracker.flush().await;
    assert_eq!(details(store.memory()), ["1"]);
}

#[tokio::test]
async fn a_batch_that_the_store_is_too_slow_for_is_written_in_parts() {
    let store = FaultyStore::new(|_, batch| {
        if batch.activities().len() > 10 {
            Fault::Hangs
        } else {
            Fault::None
        }
    });
    let tracker = quick(store.clone())
        .write_timeout(Duration::from_millis(10))
        .retries(1)
        .build()
        .unwrap();
    for number in 0..100 {
        tracker.record(numbered(number));
    }
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.total()), (100, 0), "{stats:?}");
    let expected: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    assert_eq!(details(store.memory()), expected);
}

#[tokio::test]
async fn a_row_that_is_refused_is_found_and_the_others_of_its_batch_arrive() {
    let store = FaultyStore::new(|_, batch| {
        let poisoned = |activity: &Activity| activity.action_details.as_deref() == Some("poison");
        if batch.activities().iter().any(poisoned) {
            Fault::Refused
        } else {
            Fault::None
        }
    });
    let tracker = quick(store.clone()).build().unwrap();
    for number in 0..50 {
        let activity = numbered(number);
        tracker.record(if number % 17 == 16 {
            activity.details("poison")
        } else {
            activity
        });
    }
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.refused), (48, 2));
    let expected: Vec<_> = (0..50)
        .filter(|number| number % 17 != 16)
        .map(|number| number.to_string())
        .collect();
    assert_eq!(details(store.memory()), expected);
}

#[tokio::test]
async fn recording_never_waits_for_a_store_that_hangs() {
    let store = FaultyStore::new(|_, _| Fault::Hangs);
    let tracker = quick(store)
        .queue_capacity(100)
        .drop_deadline(Duration::ZERO)
        .build()
        .unwrap();
    let started = Instant::now();
    for number in 0..100_000 {
        tracker.record(numbered(number));
    }
    assert!(started.elapsed() < LIMIT);
    let stats = tracker.stats();
    assert_eq!(
        (stats.recorded, stats.queued, stats.dropped.queue_full),
        (100_000, 100, 99_900)
    );
}

#[tokio::test]
async fn shutdown_with_a_store_that_hangs_ends_at_its_deadline_and_counts_what_is_left() {
    let store = FaultyStore::new(|_, _| Fault::Hangs);
    let tracker = quick(store).batch_rows(10).build().unwrap();
    for number in 0..25 {
        tracker.record(numbered(number));
    }
    let started = Instant::now();
    let stats = tracker.shutdown(Duration::from_millis(50)).await;
    assert!(started.elapsed() < LIMIT);
    assert_eq!((stats.queued, stats.dropped.shutdown_deadline), (0, 25));
    assert!(stats.is_balanced());
}

#[tokio::test]
async fn shutdown_delivers_what_is_queued_and_can_be_asked_for_again() {
    let store = MemoryStore::new();
    let tracker = quick(store.clone())
        .batch_age(Duration::from_mins(1))
        .build()
        .unwrap();
    for number in 0..25 {
        tracker.record(numbered(number));
    }
    let (first, second) = tokio::join!(tracker.shutdown(LIMIT), tracker.shutdown(LIMIT));
    assert_eq!(first.stored, 25);
    assert_eq!(first, second);
    assert_eq!(tracker.shutdown(LIMIT).await, first);
}

#[tokio::test]
async fn what_is_recorded_after_shutdown_is_dropped_and_counted() {
    let tracker = quick(MemoryStore::new()).build().unwrap();
    tracker.shutdown(LIMIT).await;
    tracker.record(numbered(1));
    assert_eq!(tracker.stats().dropped.after_shutdown, 1);
    tracker.flush().await;
}

#[test]
fn dropping_the_last_handle_waits_no_longer_than_its_deadline() {
    let store = FaultyStore::new(|_, _| Fault::Hangs);
    let tracker = quick(store)
        .drop_deadline(Duration::from_millis(20))
        .build()
        .unwrap();
    tracker.record(numbered(1));
    let started = Instant::now();
    drop(tracker);
    assert!(started.elapsed() < LIMIT);
}

#[test]
fn a_tracker_without_a_store_is_an_error_that_says_what_to_do() {
    let error = Tracker::builder().build().unwrap_err();
    assert!(matches!(error, BuildError::NoStore));
    assert!(error.to_string().contains(".store("), "{error}");
}

#[tokio::test]
async fn scopes_nest_and_end_with_their_future() {
    let (outer_store, inner_store) = (MemoryStore::new(), MemoryStore::new());
    let outer = quick(outer_store.clone()).build().unwrap();
    let inner = quick(inner_store.clone()).build().unwrap();
    let record = |number| async move {
        Tracker::current()
            .expect("a scope")
            .record(numbered(number));
    };
    outer
        .scope(async {
            record(1).await;
            inner.scope(record(2)).await;
            record(3).await;
        })
        .await;
    outer.flush().await;
    inner.flush().await;
    assert_eq!(details(&outer_store), ["1", "3"]);
    assert_eq!(details(&inner_store), ["2"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_threads_record_each_activity_once_and_the_account_balances_meanwhile() {
    const THREADS: usize = 8;
    const EACH: usize = 5_000;
    let store = FaultyStore::new(|write, _| match write % 7 {
        0 => Fault::Unreachable,
        3 => Fault::AnswerLost,
        _ => Fault::None,
    });
    let tracker = quick(store.clone())
        .batch_rows(100)
        .queue_capacity(THREADS * EACH)
        .build()
        .unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let watcher = {
        let (tracker, done) = (tracker.clone(), Arc::clone(&done));
        thread::spawn(move || {
            let mut looks = 0_u64;
            while !done.load(Ordering::Relaxed) {
                let stats = tracker.stats();
                assert!(stats.is_balanced(), "{stats:?}");
                looks += 1;
            }
            looks
        })
    };
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let tracker = &tracker;
            scope.spawn(move || {
                for number in 0..EACH {
                    tracker.record(numbered(thread * EACH + number));
                }
            });
        }
    });
    let stats = tracker.shutdown(LIMIT).await;
    done.store(true, Ordering::Relaxed);
    assert!(watcher.join().unwrap() > 0);
    assert_eq!(stats.stored, (THREADS * EACH) as u64, "{stats:?}");
    let written = details(store.memory());
    assert_eq!(written.len(), THREADS * EACH);
    assert_eq!(
        written.into_iter().collect::<HashSet<_>>().len(),
        THREADS * EACH
    );
}

#[tokio::test]
async fn a_hundred_thousand_drops_are_a_few_lines() {
    let log = Log::default();
    let store = FaultyStore::new(|_, _| Fault::Hangs);
    let tracker = quick(store)
        .queue_capacity(1)
        .drop_deadline(Duration::ZERO)
        .build()
        .unwrap();
    tracing::subscriber::with_default(log.subscriber(Level::INFO), || {
        for number in 0..100_000 {
            tracker.record(numbered(number));
        }
    });
    let text = log.text();
    let lines = text
        .lines()
        .filter(|line| line.contains("activities are lost: the queue is full"))
        .count();
    assert!((1..=17).contains(&lines), "{lines} lines");
}
