//! Recording into a full queue if the tracker waits for room.

use std::{
    thread,
    time::{Duration, Instant},
};

use tracker_core::{Tracker, tracked};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{LIMIT, numbered, sorted_details},
    process::wait_until,
    quick::quick,
};

/// Returns a tracker whose store is unreachable and whose queue has room for one activity, which is
/// taken.
fn narrow(store: &FaultyStore, limit: Duration) -> Tracker {
    store.go_away();
    let tracker = quick(store.clone())
        .queue_capacity(1)
        .full_queue_wait(limit)
        .drop_deadline(Duration::ZERO)
        .build()
        .unwrap();
    tracker.record(numbered(0));
    tracker
}

#[tokio::test]
async fn where_it_was_told_to_recording_waits_for_room_and_no_longer_than_its_limit() {
    let store = FaultyStore::new(|_, _| Fault::None);
    let limit = Duration::from_millis(50);
    let tracker = narrow(&store, limit);
    let started = Instant::now();
    tracker.record(numbered(1));
    assert!(started.elapsed() >= limit);
    assert_eq!(tracker.stats().dropped.queue_full, 1);
    drop(tracker);

    let store = FaultyStore::new(|_, _| Fault::None);
    store.go_away();
    let tracker = quick(store.clone())
        .queue_capacity(1)
        .full_queue_wait(LIMIT)
        .build()
        .unwrap();
    let recorder = {
        let tracker = tracker.clone();
        thread::spawn(move || (0..100).for_each(|number| tracker.record(numbered(number))))
    };
    wait_until(LIMIT, "the store is asked", || store.checks() > 2);
    store.come_back();
    recorder.join().unwrap();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.dropped.total()), (100, 0), "{stats:?}");
    assert_eq!(sorted_details(store.memory()), (0..100).collect::<Vec<_>>());

    // A shutdown releases a caller that waits.
    let store = FaultyStore::new(|_, _| Fault::Hangs);
    let tracker = quick(store)
        .queue_capacity(1)
        .full_queue_wait(LIMIT)
        .build()
        .unwrap();
    tracker.record(numbered(0));
    let recorder = {
        let tracker = tracker.clone();
        thread::spawn(move || tracker.record(numbered(1)))
    };
    tracker.shutdown(Duration::ZERO).await;
    recorder.join().unwrap();
    let stats = tracker.stats();
    assert!(stats.is_balanced() && stats.recorded == 2, "{stats:?}");
}

#[tracked(action = "deployment", details = "{number}", tracker = tracker, durable)]
async fn deploy_durably(tracker: &Tracker, number: usize) {}

#[tokio::test(flavor = "current_thread")]
async fn waiting_for_room_in_a_future_leaves_the_thread_to_others() {
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = narrow(&store, LIMIT);
    let come_back = async {
        tokio::task::yield_now().await;
        store.come_back();
    };
    let recorded = async {
        tokio::join!(
            tracker.record_durable(numbered(1)),
            deploy_durably(&tracker, 2),
            tracker.record_durable(numbered(3)),
        )
    };
    // The only thread can bring the store back only if the waiting future yields.
    let started = Instant::now();
    tokio::join!(recorded, come_back);
    assert!(started.elapsed() < LIMIT / 2);
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.dropped.total()), (4, 0), "{stats:?}");
    assert_eq!(sorted_details(store.memory()), [0, 1, 2, 3]);
}

#[tokio::test]
async fn a_future_waits_for_room_no_longer_than_the_limit_and_a_dropped_one_is_counted() {
    let store = FaultyStore::new(|_, _| Fault::None);
    let limit = Duration::from_millis(50);
    let tracker = narrow(&store, limit);
    let started = Instant::now();
    tracker.record_durable(numbered(1)).await;
    assert!(started.elapsed() >= limit);
    assert_eq!(tracker.stats().dropped.queue_full, 1);

    drop(tracker.record_durable(numbered(2)));
    let stats = tracker.stats();
    assert_eq!((stats.recorded, stats.dropped.queue_full), (3, 2));
    assert!(stats.is_balanced(), "{stats:?}");
}

#[test]
fn a_future_that_waits_for_room_needs_no_runtime_and_is_let_go_by_a_shutdown() {
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = narrow(&store, Duration::from_millis(50));
    futures_executor::block_on(tracker.record_durable(numbered(1)));
    assert_eq!(tracker.stats().dropped.queue_full, 1);

    let tracker = narrow(&store, LIMIT);
    let waiting = tracker.record_durable(numbered(1));
    let ended = thread::spawn(move || futures_executor::block_on(waiting));
    let stats = futures_executor::block_on(tracker.shutdown(Duration::ZERO));
    ended.join().unwrap();
    assert_eq!(stats.stored, 0);
    assert_eq!(tracker.stats().dropped.after_shutdown, 1);
}
