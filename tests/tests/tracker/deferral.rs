//! Deferred rows, which the store does not take yet: they hold up no other rows, and are lost only
//! when their time is over.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tracker_core::{Activity, Tracker, journal, store::Batch};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{LIMIT, journaled, numbered, sorted_details},
    process::wait_until,
    quick::quick,
};

/// A duration that no test reaches.
const LONG: Duration = Duration::from_hours(1);

/// A store that fails for some rows until it is told to take all.
#[derive(Clone)]
struct Choosy {
    store: FaultyStore,
    takes_all: Arc<AtomicBool>,
    refusals: Arc<AtomicU64>,
}

impl Choosy {
    fn new(fault: Fault, is_bad: fn(usize) -> bool) -> Self {
        let (takes_all, refusals) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (told, counted) = (Arc::clone(&takes_all), Arc::clone(&refusals));
        let store = FaultyStore::new(move |_, batch: &Batch| {
            let is_bad = batch.activities().iter().any(|row| is_bad(number(row)));
            if is_bad && !told.load(Ordering::SeqCst) {
                counted.fetch_add(1, Ordering::SeqCst);
                fault
            } else {
                Fault::None
            }
        });
        Self {
            store,
            takes_all,
            refusals,
        }
    }

    fn take_all(&self) {
        self.takes_all.store(true, Ordering::SeqCst);
    }

    /// Waits until rows have been refused `times` more times.
    fn wait_refused(&self, times: u64) {
        let before = self.refusals.load(Ordering::SeqCst);
        wait_until(LIMIT, "rows are tried again", || {
            self.refusals.load(Ordering::SeqCst) >= before + times
        });
    }

    fn stored(&self) -> Vec<usize> {
        sorted_details(self.store.memory())
    }
}

fn number(row: &Activity) -> usize {
    row.action_details.as_deref().unwrap().parse().unwrap()
}

fn record(tracker: &Tracker, numbers: impl IntoIterator<Item = usize>) {
    for number in numbers {
        tracker.record(numbered(number));
    }
}

fn wait_stored(tracker: &Tracker, rows: u64) {
    wait_until(LIMIT, "the others are stored", || {
        tracker.stats().stored == rows
    });
    assert!(tracker.stats().is_balanced());
}

#[tokio::test]
async fn rows_that_refer_to_what_is_not_there_yet_hold_up_no_others_and_arrive_when_it_is() {
    let store = Choosy::new(Fault::MissingReference, |number| number % 10 == 3);
    let tracker = quick(store.store.clone())
        .batch_rows(40)
        .missing_reference_wait(LONG)
        .build()
        .unwrap();
    record(&tracker, 0..100);
    wait_stored(&tracker, 90);
    store.wait_refused(50);
    // Later rows do not wait for the deferred ones either.
    record(&tracker, [100, 101]);
    wait_stored(&tracker, 92);
    let stats = tracker.stats();
    assert_eq!((stats.queued, stats.dropped.total()), (10, 0), "{stats:?}");
    store.take_all();
    // A flush waits for deferred rows.
    tracker.flush().await;
    assert_eq!(tracker.stats().stored, 102);
    assert_eq!(store.stored(), (0..102).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_row_whose_reference_never_comes_is_given_up_at_its_limit() {
    let store = Choosy::new(Fault::MissingReference, |number| number == 1);
    let tracker = quick(store.store.clone())
        .missing_reference_wait(Duration::from_millis(300))
        .build()
        .unwrap();
    let began = std::time::Instant::now();
    record(&tracker, 0..3);
    tracker.flush().await;
    assert!(began.elapsed() >= Duration::from_millis(300));
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.refused), (2, 1), "{stats:?}");
    assert!(store.refusals.load(Ordering::SeqCst) > 5);

    let tracker = quick(store.store.clone())
        .missing_reference_wait(Duration::ZERO)
        .build()
        .unwrap();
    record(&tracker, [1, 4]);
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.refused), (1, 1), "{stats:?}");
}

#[tokio::test]
async fn with_a_journal_such_rows_stay_there_alone_and_are_stored_or_put_aside_later() {
    let directory = tempfile::tempdir().unwrap();
    let store = Choosy::new(Fault::MissingReference, |number| number % 10 == 3);
    let build = |limit| {
        let tracker = journaled(&directory, &store.store).batch_rows(40);
        tracker.missing_reference_wait(limit).build().unwrap()
    };
    let tracker = build(LONG);
    record(&tracker, 0..100);
    wait_stored(&tracker, 90);
    assert_eq!(tracker.stats().journaled, 10);
    // The other rows have been removed from the file.
    wait_until(LIMIT, "the file has these alone", || {
        journal::inspect(directory.path()).unwrap()[0]
            .contents
            .as_ref()
            .is_ok_and(|contents| contents.waiting == 10)
    });
    store.take_all();
    tracker.flush().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.journaled), (100, 0), "{stats:?}");

    store.takes_all.store(false, Ordering::SeqCst);
    let tracker = build(Duration::from_millis(100));
    record(&tracker, 100..110);
    tracker.flush().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.dead_lettered), (9, 1), "{stats:?}");
    let letters = journal::dead_letters(directory.path(), 10).unwrap();
    assert_eq!(number(&letters[0].activity), 103);
    assert!(letters[0].reason.contains("refers to one"), "{letters:?}");
}

#[tokio::test]
async fn at_the_deadline_of_a_shutdown_they_are_left_to_the_next_process_or_are_lost_as_such() {
    let store = Choosy::new(Fault::MissingReference, |number| number == 1);
    let tracker = quick(store.store.clone()).build().unwrap();
    record(&tracker, 0..3);
    wait_stored(&tracker, 2);
    let stats = tracker.shutdown(Duration::ZERO).await;
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!((stats.stored, stats.dropped.shutdown_deadline), (2, 1));

    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &store.store).build().unwrap();
    record(&tracker, [1, 10, 11]);
    wait_stored(&tracker, 2);
    let stats = tracker.shutdown(Duration::ZERO).await;
    assert_eq!(
        (stats.journaled, stats.dropped.total()),
        (1, 0),
        "{stats:?}"
    );
    store.take_all();
    tracker_tests::journals::wait_released(&directory);
    let next = journaled(&directory, &store.store).build().unwrap();
    let stats = next.shutdown(LIMIT).await;
    assert_eq!((stats.adopted, stats.stored), (1, 1), "{stats:?}");
    assert_eq!(store.stored(), [0, 1, 2, 10, 11]);
}

#[tokio::test]
async fn what_another_process_left_waits_in_the_trackers_own_journal() {
    let directory = tempfile::tempdir().unwrap();
    let store = Choosy::new(Fault::MissingReference, |number| number == 3);
    // Two trackers are alive at once, and one leaves its journal.
    let first = journaled(&directory, &tracker_tests::journals::away())
        .build()
        .unwrap();
    let second = journaled(&directory, &tracker_tests::journals::away())
        .build()
        .unwrap();
    for (tracker, numbers) in [(&first, 0..5), (&second, 5..8)] {
        record(tracker, numbers);
    }
    for tracker in [first, second] {
        tracker.shutdown(Duration::ZERO).await;
    }
    tracker_tests::journals::wait_released(&directory);
    let tracker = journaled(&directory, &store.store)
        .missing_reference_wait(LONG)
        .build()
        .unwrap();
    wait_stored(&tracker, 7);
    store.wait_refused(20);
    assert_eq!(tracker.stats().journaled, 1);
    store.take_all();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.journaled), (8, 0), "{stats:?}");
    assert_eq!(store.stored(), (0..8).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_journal_that_is_removed_is_made_again_with_the_rows_that_wait() {
    let directory = tempfile::tempdir().unwrap();
    let store = Choosy::new(Fault::MissingReference, |number| number % 2 == 1);
    let tracker = journaled(&directory, &store.store)
        .missing_reference_wait(LONG)
        .build()
        .unwrap();
    record(&tracker, 0..10);
    wait_stored(&tracker, 5);
    std::fs::remove_dir_all(directory.path()).unwrap();
    record(&tracker, [10]);
    wait_stored(&tracker, 6);
    let stats = tracker.shutdown(Duration::ZERO).await;
    assert_eq!(
        (stats.journaled, stats.dropped.total()),
        (5, 0),
        "{stats:?}"
    );
    store.take_all();
    tracker_tests::journals::wait_released(&directory);
    let next = journaled(&directory, &store.store).build().unwrap();
    assert_eq!(next.shutdown(LIMIT).await.stored, 5);
    assert_eq!(store.stored(), (0..11).collect::<Vec<_>>());
}

#[tokio::test]
async fn no_more_than_a_thousand_wait_and_the_others_are_refused_at_once() {
    let store = Choosy::new(Fault::MissingReference, |number| number < 1_010);
    let tracker = quick(store.store.clone())
        .missing_reference_wait(LONG)
        .build()
        .unwrap();
    record(&tracker, 0..1_011);
    wait_stored(&tracker, 1);
    let stats = tracker.stats();
    assert_eq!(
        (stats.queued, stats.dropped.refused),
        (1_000, 10),
        "{stats:?}"
    );
    store.take_all();
    tracker.flush().await;
    assert_eq!(tracker.stats().stored, 1_001);
}

#[tokio::test]
async fn a_store_that_is_busy_for_longer_than_all_retries_loses_nothing() {
    let store = Choosy::new(Fault::Busy, |_| true);
    let tracker = quick(store.store.clone())
        .missing_reference_wait(Duration::ZERO)
        .batch_rows(50)
        .build()
        .unwrap();
    record(&tracker, 0..100);
    // The tracker allows three retries, and these refusals are far more.
    store.wait_refused(60);
    let stats = tracker.stats();
    assert_eq!((stats.queued, stats.dropped.total()), (100, 0), "{stats:?}");
    store.take_all();
    tracker.flush().await;
    assert_eq!(tracker.stats().stored, 100);
    assert_eq!(store.stored(), (0..100).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_row_that_alone_finds_the_store_busy_holds_up_no_others_and_is_given_up_when_they_go_through()
 {
    let store = Choosy::new(Fault::Busy, |number| number == 7);
    let tracker = quick(store.store.clone())
        .missing_reference_wait(Duration::ZERO)
        .batch_rows(20)
        .build()
        .unwrap();
    record(&tracker, 0..40);
    wait_stored(&tracker, 39);
    // While no other row goes through, the store itself may be at fault.
    store.wait_refused(20);
    assert_eq!(tracker.stats().queued, 1);
    let mut number = 40;
    wait_until(LIMIT, "it is given up", || {
        record(&tracker, [number]);
        number += 1;
        tracker.stats().dropped.store_failed == 1
    });
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!((stats.queued, stats.dropped.total()), (0, 1), "{stats:?}");
}
