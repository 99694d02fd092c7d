//! Activities in the journal: survival, delivery and dead letters.

use std::{fs, time::Duration};

use tracker_core::{Activity, Journal, journal::dead_letters, tracked};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{
        LIMIT, away, details, journaled, journals, leave, numbered, sorted_details, wait_journaled,
    },
    process::wait_until,
    quick::quick,
};

#[tokio::test]
async fn what_is_recorded_reaches_the_store_in_order_and_leaves_the_journal() {
    let directory = tempfile::tempdir().unwrap();
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).batch_rows(7).build().unwrap();
    for number in 0..100 {
        tracker.record(numbered(number));
    }
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.queued, stats.journaled), (100, 0, 0));
    let expected: Vec<_> = (0..100).map(|number| number.to_string()).collect();
    assert_eq!(details(store.memory()), expected);
    let activity = &store.memory().activities()[42];
    assert_eq!(activity.reference_ids.get("deployment_id"), Some("42"));
}

#[tokio::test]
async fn a_shutdown_without_the_store_leaves_everything_for_the_next_process() {
    let directory = tempfile::tempdir().unwrap();
    let left = leave(&directory, 0..100).await;
    assert_eq!((left.recorded, left.journaled), (100, 100));
    assert!(left.is_balanced(), "{left:?}");

    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    tracker.record(numbered(100));
    tracker.flush().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!(
        (stats.recorded, stats.adopted, stats.stored),
        (101, 100, 101)
    );
    assert_eq!(sorted_details(store.memory()), (0..101).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_outage_of_any_length_loses_nothing_and_fills_no_queue() {
    let directory = tempfile::tempdir().unwrap();
    let store = away();
    let tracker = journaled(&directory, &store)
        .queue_capacity(100)
        .batch_rows(100)
        .build()
        .unwrap();
    for number in 0..2_000 {
        tracker.record_durable(numbered(number)).await;
    }
    let stats = tracker.stats();
    assert_eq!((stats.recorded, stats.journaled), (2_000, 2_000));
    store.come_back();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.dropped.total()), (2_000, 0));
    assert_eq!(store.memory().activities().len(), 2_000);
}

#[tokio::test]
async fn what_counts_as_durable_is_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &away())
        .drop_deadline(Duration::ZERO)
        .build()
        .unwrap();
    for number in 0..10 {
        tracker.record_durable(numbered(number)).await;
        let file = rusqlite::Connection::open(&journals(&directory)[0]).unwrap();
        let rows: i64 = file
            .query_row("SELECT count(*) FROM activities", [], |row| row.get(0))
            .unwrap();
        assert_eq!(usize::try_from(rows), Ok(number + 1));
    }
}

#[tracked(action = "deployment", durable, details = "{number}", references(deployment_id = number))]
async fn deploy(project_id: &str, number: usize) -> Result<usize, String> {
    tokio::task::yield_now().await;
    Ok(number)
}

#[tracked(
    action = "deployment",
    durable,
    record = "always",
    details = "{output}",
    error_details = "{error}"
)]
async fn fails(number: usize) -> Result<usize, usize> {
    if number % 2 == 1 {
        Err(number)
    } else {
        Ok(number)
    }
}

#[tokio::test]
async fn a_durable_function_returns_when_its_activity_is_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &away())
        .drop_deadline(Duration::ZERO)
        .build()
        .unwrap();
    for number in 0..5 {
        assert_eq!(tracker.scope(deploy("project_7", number)).await, Ok(number));
        assert_eq!(tracker.stats().journaled, 3 * number as u64 + 1);
        assert_eq!(tracker.scope(fails(number)).await.is_ok(), number % 2 == 0);
        assert_eq!(tracker.stats().journaled, 3 * number as u64 + 2);
        let boxed: std::pin::Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(tracker.scope(deploy("project_7", number)));
        assert_eq!(boxed.await, Ok(number));
    }
    assert!(tracker.stats().is_balanced());
}

#[tokio::test]
async fn a_durable_function_without_a_journal_or_a_tracker_waits_for_nothing() {
    assert_eq!(deploy("project_7", 1).await, Ok(1));
    let tracker = quick(away()).drop_deadline(Duration::ZERO).build().unwrap();
    assert_eq!(tracker.scope(deploy("project_7", 1)).await, Ok(1));
    assert_eq!(tracker.stats().queued, 1);
}

#[tokio::test]
async fn journals_of_several_processes_are_apart_and_the_next_one_ships_what_all_have_left() {
    let directory = tempfile::tempdir().unwrap();
    let trackers = [0, 1, 2].map(|_| journaled(&directory, &away()).build().unwrap());
    for (number, tracker) in trackers.iter().enumerate() {
        for offset in 0..10 {
            tracker.record(numbered(number * 10 + offset));
        }
        wait_journaled(tracker, 10);
    }
    assert_eq!(journals(&directory).len(), 3);
    for tracker in trackers {
        assert_eq!(tracker.shutdown(Duration::ZERO).await.journaled, 10);
    }

    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    wait_until(LIMIT, "all is shipped", || tracker.stats().stored == 30);
    assert_eq!(tracker.stats().adopted, 30);
    assert_eq!(sorted_details(store.memory()), (0..30).collect::<Vec<_>>());
    // The lock of a file that is empty and removed stays, for the next process that takes it.
    wait_until(LIMIT, "what is empty is removed", || {
        journals(&directory).len() == 1
    });
}

#[tokio::test]
async fn a_row_that_the_store_refuses_is_put_aside_with_the_reason_and_holds_nothing_up() {
    let directory = tempfile::tempdir().unwrap();
    let store = FaultyStore::new(|_, batch| {
        let poisoned = |activity: &Activity| activity.status.is_none();
        if batch.activities().iter().any(poisoned) {
            Fault::Refused
        } else {
            Fault::None
        }
    });
    let tracker = journaled(&directory, &store).build().unwrap();
    for number in 0..2_000 {
        let mut activity = numbered(number);
        if number % 1_000 == 500 {
            activity.status = None;
        }
        tracker.record(activity);
    }
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dead_lettered), (1_998, 2));
    assert!(stats.is_balanced(), "{stats:?}");
    let dead = dead_letters(directory.path(), 10).unwrap();
    assert_eq!(dead.len(), 2);
    assert_eq!(dead[0].activity.action_details.as_deref(), Some("500"));
    assert!(dead[0].reason.contains("expected by this test"));
    assert!(dead[0].died_at >= dead[0].activity.created_at.unwrap());
}

#[tokio::test]
async fn what_does_not_fit_the_journal_waits_in_memory_and_nothing_is_lost_before_both_are_full() {
    let directory = tempfile::tempdir().unwrap();
    let store = away();
    let tracker = quick(store.clone())
        .journal(Journal::new(directory.path()).bytes_max(64 << 10))
        .queue_capacity(500)
        .batch_rows(50)
        .build()
        .unwrap();
    let mut recorded = 0;
    wait_until(LIMIT, "the journal and the queue are full", || {
        for _ in 0..50 {
            tracker.record(numbered(recorded));
            recorded += 1;
        }
        tracker.stats().dropped.queue_full > 0
    });
    let stats = tracker.stats();
    assert!(stats.is_balanced(), "{stats:?}");
    assert!(stats.journaled >= 100, "{stats:?}");
    assert_eq!(stats.queued, 500);
    let size = fs::metadata(&journals(&directory)[0]).unwrap().len();
    assert!(size <= 64 << 10, "{size}");
    store.come_back();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!(stats.stored, stats.recorded - stats.dropped.queue_full);
    assert_eq!(store.memory().activities().len() as u64, stats.stored);
}

#[tokio::test]
async fn a_full_queue_goes_into_the_journal_when_the_deadline_of_a_shutdown_has_come() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &away()).build().unwrap();
    for number in 0..16_000 {
        tracker.record(numbered(number).details("x".repeat(900)));
    }
    let stats = tracker.shutdown(Duration::ZERO).await;
    assert_eq!(
        (stats.journaled, stats.dropped.total()),
        (16_000, 0),
        "{stats:?}"
    );
    let tracker = journaled(&directory, &away()).build().unwrap();
    for _ in 0..1_000 {
        tracker.record(numbered(0));
    }
    drop(tracker);
    let tracker = journaled(&directory, &away())
        .drop_deadline(Duration::ZERO)
        .build()
        .unwrap();
    wait_until(LIMIT, "what both have left is there", || {
        tracker.stats().adopted == 17_000
    });
}
