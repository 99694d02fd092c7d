//! The operator's actions on journals: inspecting them, checking them, and requeueing dead letters.

use std::fs;

use tempfile::TempDir;
use tracker_core::{
    Tracker,
    journal::{check, dead_letters, delete_dead_letters, inspect, requeue_dead_letters},
};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{
        LIMIT, away, journaled, journals, leave, numbered, sorted_details, wait_journaled,
        wait_released,
    },
    process::wait_until,
};

/// Waits until no process holds the journal with this index.
fn wait_free(directory: &TempDir, number: usize) {
    wait_until(LIMIT, "the lock is released", || {
        !inspect(directory).unwrap()[number].is_held
    });
}

/// Returns a store that refuses each row with an odd number.
fn choosy() -> FaultyStore {
    FaultyStore::new(|_, batch| {
        let rows = batch.activities().iter();
        let mut numbers = rows.filter_map(|row| row.action_details.as_ref()?.parse::<u32>().ok());
        if numbers.any(|number| number % 2 == 1) {
            Fault::Refused
        } else {
            Fault::None
        }
    })
}

/// Records `count` activities, the odd ones of which become dead letters.
async fn with_dead_letters(directory: &TempDir, count: usize) -> Tracker {
    let tracker = journaled(directory, &choosy()).build().unwrap();
    for number in 0..count {
        tracker.record(numbered(number));
    }
    tracker.flush().await;
    assert_eq!(tracker.stats().dead_lettered, count as u64 / 2);
    tracker
}

#[tokio::test]
async fn each_journal_tells_who_has_it_and_what_is_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let held = with_dead_letters(&directory, 10).await;
    leave(&directory, 0..7).await;
    wait_free(&directory, 1);
    fs::write(directory.path().join("notes.db"), "somebody's own").unwrap();

    let found = inspect(&directory).unwrap();
    assert_eq!(found.len(), 2);
    let [first, second] = [&found[0], &found[1]];
    assert_eq!((first.is_held, second.is_held), (true, false));
    let contents = first.contents.as_ref().unwrap();
    assert_eq!((contents.waiting, contents.dead_letters), (0, 5));
    assert_eq!(contents.oldest, None);
    let contents = second.contents.as_ref().unwrap();
    assert_eq!((contents.waiting, contents.dead_letters), (7, 0));
    assert!(contents.oldest.is_some());
    assert!(second.bytes > 4_096);
    drop(held);
}

#[test]
fn a_directory_that_is_not_there_is_an_error_and_is_not_made() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    for error in [
        inspect(&missing).unwrap_err().to_string(),
        check(&missing).unwrap_err().to_string(),
        requeue_dead_letters(&missing).unwrap_err().to_string(),
        delete_dead_letters(&missing).unwrap_err().to_string(),
    ] {
        assert!(error.contains("missing"), "{error}");
    }
    assert!(!missing.exists());
}

#[tokio::test]
async fn a_damaged_journal_is_said_to_be_and_the_others_are_told_of() {
    let directory = tempfile::tempdir().unwrap();
    leave(&directory, 0..500).await;
    wait_released(&directory);
    fs::write(directory.path().join("journal-1.db"), vec![b'x'; 8_192]).unwrap();

    let found = inspect(&directory).unwrap();
    assert_eq!(found[0].contents.as_ref().unwrap().waiting, 500);
    assert!(found[1].contents.is_err());
    let checks = check(&directory).unwrap();
    assert_eq!(checks[0].faults, Vec::<String>::new());
    assert_eq!((checks[0].readable, checks[0].unreadable), (500, 0));
    assert!(!checks[1].faults.is_empty());

    // The damaged page is in the middle of the rows.
    let path = &journals(&directory)[0];
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 8_192 * 4_096;
    bytes[middle..middle + 4_096].fill(0xff);
    fs::write(path, &bytes).unwrap();
    let checks = check(&directory).unwrap();
    assert!(!checks[0].faults.is_empty());
    let (readable, unreadable) = (checks[0].readable, checks[0].unreadable);
    assert!(unreadable > 0, "{:?}", checks[0]);
    assert_eq!(readable + unreadable, 500);
    assert_eq!(fs::read(path).unwrap(), bytes);
}

#[tokio::test]
async fn a_journal_in_use_is_sound_whatever_is_shipped_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let store = away();
    let tracker = journaled(&directory, &store).build().unwrap();
    for number in 0..2_000 {
        tracker.record(numbered(number));
    }
    wait_journaled(&tracker, 2_000);
    store.come_back();
    while tracker.stats().journaled > 0 {
        let checks = check(&directory).unwrap();
        assert_eq!((checks[0].faults.len(), checks[0].unreadable), (0, 0));
    }
    assert!(tracker.shutdown(LIMIT).await.is_balanced());
}

#[tokio::test]
async fn dead_letters_are_delivered_by_the_next_tracker_while_another_is_at_work() {
    let directory = tempfile::tempdir().unwrap();
    let at_work = with_dead_letters(&directory, 5_000).await;
    let requeued = requeue_dead_letters(&directory).unwrap();
    assert_eq!(requeued.letters, 2_500);
    let journal = requeued.journal.unwrap();
    assert_eq!(journal, directory.path().join("journal-1.db"));
    assert_eq!(dead_letters(&directory, 10).unwrap(), []);
    assert_eq!(
        requeue_dead_letters(&directory).unwrap(),
        tracker_core::journal::Requeued::default()
    );

    // The tracker that is at work has not noticed anything.
    at_work.record(numbered(6_000));
    at_work.flush().await;
    let store = FaultyStore::new(|_, _| Fault::None);
    let next = journaled(&directory, &store).build().unwrap();
    wait_until(LIMIT, "the letters are delivered", || {
        next.stats().stored == 2_500
    });
    assert!(next.shutdown(LIMIT).await.is_balanced());
    assert!(at_work.shutdown(LIMIT).await.is_balanced());
    let odd: Vec<_> = (0..5_000).filter(|number| number % 2 == 1).collect();
    assert_eq!(sorted_details(store.memory()), odd);
}

#[tokio::test]
async fn dead_letters_of_a_journal_that_nobody_has_go_behind_what_waits_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = with_dead_letters(&directory, 10).await;
    tracker.shutdown(LIMIT).await;
    drop(tracker);
    wait_released(&directory);
    leave(&directory, 20..25).await;
    wait_released(&directory);
    assert_eq!(requeue_dead_letters(&directory).unwrap().letters, 5);
    assert_eq!(journals(&directory).len(), 1);
    let contents = *inspect(&directory).unwrap()[0].contents.as_ref().unwrap();
    assert_eq!((contents.waiting, contents.dead_letters), (10, 0));
}

#[tokio::test]
async fn dead_letters_that_nobody_wants_are_removed() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = with_dead_letters(&directory, 5_000).await;
    assert_eq!(delete_dead_letters(&directory).unwrap(), 2_500);
    assert_eq!(delete_dead_letters(&directory).unwrap(), 0);
    assert_eq!(dead_letters(&directory, 10).unwrap(), []);
    assert!(tracker.shutdown(LIMIT).await.is_balanced());
}
