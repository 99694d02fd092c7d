//! Activities for which there is not enough room: in the journal, among its dead letters, and on
//! the way there.

use std::{fs, os::unix::fs::PermissionsExt, time::Duration};

use rusqlite::Connection;
use tempfile::TempDir;
use tracker_core::{Activity, Journal, TrackerBuilder, journal::dead_letters, tracked};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{
        LIMIT, away, journaled, journals, numbered, sorted_details, wait_journaled, wait_released,
    },
    process::wait_until,
    quick::quick,
};

/// Room for fewer than five hundred of the usual rows.
const SMALL: u64 = 64 << 10;

fn small(directory: &TempDir, store: &FaultyStore) -> TrackerBuilder {
    quick(store.clone()).journal(Journal::new(directory.path()).bytes_max(SMALL))
}

/// Returns a store that refuses activities without a status.
fn refusing() -> FaultyStore {
    FaultyStore::new(|_, batch| {
        let is_refused = |activity: &Activity| activity.status.is_none();
        if batch.activities().iter().any(is_refused) {
            Fault::Refused
        } else {
            Fault::None
        }
    })
}

/// Returns an activity that the store refuses.
fn refused(number: usize) -> Activity {
    let mut activity = numbered(number);
    activity.status = None;
    activity
}

fn waiting(directory: &TempDir) -> u64 {
    let file = Connection::open(&journals(directory)[0]).unwrap();
    let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    file.query_row("SELECT count(*) FROM activities", [], count)
        .unwrap()
        .unsigned_abs()
}

#[tokio::test]
async fn all_that_a_full_journal_holds_can_become_dead_letters() {
    let directory = tempfile::tempdir().unwrap();
    let store = refusing();
    store.go_away();
    let tracker = small(&directory, &store).build().unwrap();
    let mut recorded = 0;
    wait_until(LIMIT, "the journal is full", || {
        for _ in 0..50 {
            tracker.record(refused(recorded));
            recorded += 1;
        }
        let stats = tracker.stats();
        stats.journaled > 300 && stats.queued > 100
    });
    let journaled = tracker.stats().journaled;
    store.come_back();
    tracker.flush().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!(stats.dead_lettered + stats.dropped.refused, stats.recorded);
    assert!(stats.dead_lettered >= journaled, "{stats:?}");
    let dead = dead_letters(directory.path(), usize::MAX).unwrap();
    assert_eq!(dead.len() as u64, stats.dead_lettered);
    assert_eq!(waiting(&directory), 0);
}

#[tokio::test]
async fn rows_stay_journaled_until_their_dead_letters_are_in_the_file() {
    const ROWS: u64 = 20;

    let directory = tempfile::tempdir().unwrap();
    let store = refusing();
    store.go_away();
    let tracker = journaled(&directory, &store).build().unwrap();
    for number in 0..20 {
        tracker.record(refused(number));
    }
    wait_journaled(&tracker, ROWS);
    let file = Connection::open(&journals(&directory)[0]).unwrap();
    file.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.come_back();
    wait_until(LIMIT, "each row is refused", || store.writes() > ROWS);
    let stats = tracker.stats();
    assert_eq!((stats.journaled, stats.dead_lettered), (ROWS, 0));
    assert!(stats.is_balanced(), "{stats:?}");

    file.execute_batch("COMMIT").unwrap();
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!((stats.journaled, stats.dead_lettered), (0, ROWS));
    let dead = dead_letters(directory.path(), usize::MAX).unwrap();
    assert_eq!(dead.len() as u64, ROWS);
    assert_eq!(waiting(&directory), 0);
}

#[tokio::test]
async fn refused_rows_without_room_for_dead_letters_count_as_refused_and_hold_nothing_up() {
    let directory = tempfile::tempdir().unwrap();
    let store = refusing();
    let tracker = small(&directory, &store).build().unwrap();
    for number in 0..2_000 {
        tracker.record(refused(number).details("x".repeat(900)));
        if number % 20 == 0 {
            tracker.flush().await;
        }
    }
    // The dead letters take no room from the activities that wait.
    store.go_away();
    tracker.record_durable(numbered(2_000)).await;
    assert_eq!(tracker.stats().queued, 0);
    store.come_back();
    tracker.flush().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!(stats.stored, 1, "{stats:?}");
    assert!(stats.dead_lettered > 500, "{stats:?}");
    assert_eq!(stats.dropped.refused, 2_000 - stats.dead_lettered);
    let dead = dead_letters(directory.path(), usize::MAX).unwrap();
    assert_eq!(dead.len() as u64, stats.dead_lettered);
    let size = fs::metadata(&journals(&directory)[0]).unwrap().len();
    assert!(size < SMALL + (1 << 20) + (64 << 10), "{size}");
}

#[tokio::test]
async fn of_a_batch_that_does_not_fit_the_journal_takes_what_does() {
    let directory = tempfile::tempdir().unwrap();
    let store = away();
    let tracker = small(&directory, &store)
        .queue_capacity(4_000)
        .batch_age(Duration::from_secs(1))
        .build()
        .unwrap();
    for number in 0..4_000 {
        tracker.record(numbered(number));
    }
    wait_until(LIMIT, "the journal is full", || {
        tracker.stats().journaled > 300
    });
    let stats = tracker.shutdown(Duration::ZERO).await;
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!(stats.dropped.total(), stats.dropped.shutdown_deadline);
    assert_eq!(stats.journaled, waiting(&directory));

    store.come_back();
    let tracker = small(&directory, &store).build().unwrap();
    let adopted = tracker.shutdown(LIMIT).await;
    assert_eq!(adopted.stored, stats.journaled);
    let kept = usize::try_from(stats.journaled).unwrap();
    assert_eq!(
        sorted_details(store.memory()),
        (0..kept).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn a_shutdown_puts_what_fits_of_the_queue_into_the_journal() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = small(&directory, &away())
        .queue_capacity(4_000)
        .build()
        .unwrap();
    for number in 0..4_000 {
        tracker.record(numbered(number));
    }
    let stats = tracker.shutdown(Duration::ZERO).await;
    assert!(stats.journaled > 300, "{stats:?}");
    assert_eq!(stats.dropped.shutdown_deadline, 4_000 - stats.journaled);
    assert_eq!(stats.journaled, waiting(&directory));
}

#[tracked(action = "deployment", durable, details = "{number}")]
async fn deploy(number: usize) -> usize {
    number
}

#[test]
fn a_durable_function_returns_at_its_limit_where_neither_journal_nor_store_takes_its_activity() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a file");
    fs::write(&file, "").unwrap();
    let store = away();
    let limit = Duration::from_millis(100);
    let tracker = quick(store.clone())
        .journal(file.join("below"))
        .durable_wait(limit)
        .build()
        .unwrap();
    // This executor has no timers.
    let began = std::time::Instant::now();
    assert_eq!(futures_executor::block_on(tracker.scope(deploy(0))), 0);
    assert!(began.elapsed() >= limit);
    futures_executor::block_on(tracker.record_durable(numbered(1)));
    assert_eq!(tracker.stats().queued, 2);

    let impatient = quick(store.clone())
        .journal(file.join("below"))
        .durable_wait(Duration::ZERO)
        .build()
        .unwrap();
    futures_executor::block_on(impatient.record_durable(numbered(2)));
    store.come_back();
    for tracker in [tracker, impatient] {
        let stats = futures_executor::block_on(tracker.shutdown(LIMIT));
        assert_eq!(stats.dropped.total(), 0, "{stats:?}");
    }
    assert_eq!(sorted_details(store.memory()), [0, 1, 2]);
}

#[tokio::test]
async fn many_rows_in_a_row_that_are_refused_cost_one_write_each_and_one_among_good_ones_a_few() {
    let directory = tempfile::tempdir().unwrap();
    let store = refusing();
    store.go_away();
    let tracker = journaled(&directory, &store).build().unwrap();
    for number in 0..2_000 {
        tracker.record(refused(number));
    }
    for number in 2_000..4_000 {
        let is_refused = number == 3_000;
        tracker.record(if is_refused { refused } else { numbered }(number));
    }
    wait_journaled(&tracker, 4_000);
    let before = store.writes();
    store.come_back();
    tracker.flush().await;
    assert_eq!(tracker.stats().dead_lettered, 2_001);
    let writes = store.writes() - before;
    assert!(writes < 2_100, "{writes} writes");
}

#[tokio::test]
async fn the_file_of_a_journal_that_was_large_is_small_again_when_it_is_empty() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &away()).build().unwrap();
    for number in 0..16_000 {
        tracker.record(numbered(number).details("x".repeat(900)));
    }
    tracker.shutdown(Duration::ZERO).await;
    wait_released(&directory);
    let size = || fs::metadata(&journals(&directory)[0]).unwrap().len();
    assert!(size() > 8 << 20, "{}", size());
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    tracker.flush().await;
    wait_until(LIMIT, "all is shipped", || tracker.stats().stored == 16_000);
    tracker.shutdown(LIMIT).await;
    assert!(size() < 256 << 10, "{}", size());

    // Later activities are shipped as usual.
    let tracker = journaled(&directory, &store).build().unwrap();
    tracker.record_durable(numbered(16_000)).await;
    assert_eq!(tracker.shutdown(LIMIT).await.stored, 1);
}

#[tokio::test]
async fn the_files_of_a_journal_and_the_directories_made_for_it_are_their_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    let made = directory.path().join("made/for/it");
    // The builder also takes a borrowed string.
    let text = made.to_str().unwrap().to_owned();
    let tracker = quick(away())
        .drop_deadline(Duration::ZERO)
        .journal(&text)
        .build()
        .unwrap();
    tracker.record_durable(numbered(0)).await;
    let permissions =
        |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(permissions(&made), 0o700);
    assert_eq!(permissions(&directory.path().join("made")), 0o700);
    let files: Vec<_> = fs::read_dir(&made)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 4, "{files:?}");
    for file in files {
        assert_eq!(permissions(&file), 0o600, "{}", file.display());
    }
}

#[tokio::test]
async fn no_more_dead_letters_are_listed_than_were_asked_for_and_none_where_there_is_no_directory()
{
    let directory = tempfile::tempdir().unwrap();
    let trackers = [0, 1].map(|_| journaled(&directory, &refusing()).build().unwrap());
    for tracker in &trackers {
        for number in 0..3 {
            tracker.record(refused(number));
        }
        tracker.flush().await;
    }
    for (max, listed) in [(0, 0), (2, 2), (4, 4), (10, 6)] {
        assert_eq!(dead_letters(directory.path(), max).unwrap().len(), listed);
    }
    let missing = directory.path().join("missing");
    assert_eq!(dead_letters(missing, 10).unwrap(), []);
}

#[tokio::test]
async fn dead_letters_that_are_put_back_are_shipped_by_the_next_process() {
    /// The statements of the documentation of the module `journal`.
    const PUT_BACK: &str = "
        BEGIN IMMEDIATE;
        INSERT INTO activities (
            action_id, project_id, user_id, request_id, action_type,
            action_details, status, environment, reference_ids, created_at
        )
        SELECT
            action_id, project_id, user_id, request_id, action_type,
            action_details, status, environment, reference_ids, created_at
        FROM dead_letters ORDER BY died_at, action_id;
        DELETE FROM dead_letters;
        COMMIT";

    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &refusing()).build().unwrap();
    for number in 0..20 {
        tracker.record(refused(number));
    }
    assert_eq!(tracker.shutdown(LIMIT).await.dead_lettered, 20);
    wait_released(&directory);
    let file = Connection::open(&journals(&directory)[0]).unwrap();
    file.execute_batch(PUT_BACK).unwrap();
    drop(file);

    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.adopted, stats.stored), (20, 20), "{stats:?}");
    assert_eq!(sorted_details(store.memory()), (0..20).collect::<Vec<_>>());
    assert_eq!(dead_letters(directory.path(), 10).unwrap(), []);
}
