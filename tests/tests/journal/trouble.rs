//! Journals whose files fail: damaged, truncated, removed, full, or owned by another program.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::Path,
    time::Duration,
};

use tracker_core::{Journal, journal::dead_letters};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{
        LIMIT, asides, away, details, journaled, journals, leave, numbered, sorted_details,
        wait_journaled,
    },
    process::wait_until,
    quick::quick,
};

#[tokio::test]
async fn a_directory_that_can_not_be_made_keeps_nothing_from_the_store() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a file");
    fs::write(&file, "").unwrap();
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = quick(store.clone())
        .journal(file.join("below"))
        .build()
        .unwrap();
    tracker.record_durable(numbered(1)).await;
    assert_eq!(details(store.memory()), ["1"]);
    assert_eq!(tracker.shutdown(LIMIT).await.stored, 1);
}

#[tokio::test]
async fn a_directory_that_is_removed_is_made_again_with_all_that_was_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = away();
    let tracker = journaled(&directory, &store).build().unwrap();
    for number in 0..100 {
        tracker.record(numbered(number));
    }
    wait_journaled(&tracker, 100);
    fs::remove_dir_all(directory.path()).unwrap();
    tracker.record_durable(numbered(100)).await;
    let stats = tracker.shutdown(Duration::ZERO).await;
    assert_eq!((stats.journaled, stats.dropped.total()), (101, 0));

    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    wait_until(LIMIT, "all is shipped", || tracker.stats().stored == 101);
    assert_eq!(sorted_details(store.memory()), (0..101).collect::<Vec<_>>());
}

/// Overwrites a part of a file.
fn damage(path: &Path, at: u64, bytes: usize) {
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&vec![0xA5; bytes]).unwrap();
}

#[tokio::test]
async fn of_a_damaged_journal_all_that_can_be_read_is_shipped_and_the_rest_set_aside() {
    let directory = tempfile::tempdir().unwrap();
    leave(&directory, 0..2_000).await;
    let path = &journals(&directory)[0];
    let size = fs::metadata(path).unwrap().len();
    // A page in the middle, which holds a dozen rows.
    damage(path, size / 2 / 4_096 * 4_096, 4_096);

    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    tracker.record(numbered(2_000));
    tracker.flush().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert!(stats.is_balanced(), "{stats:?}");
    let stored = sorted_details(store.memory());
    assert!((1_950..2_001).contains(&stored.len()), "{}", stored.len());
    assert!(stored.contains(&0) && stored.contains(&1_999) && stored.contains(&2_000));
    assert_eq!(asides(&directory), 1);
    // The file that was set aside is not read as a journal.
    assert_eq!(dead_letters(directory.path(), 10).unwrap(), []);
}

#[tokio::test]
async fn a_journal_that_is_cut_off_keeps_no_tracker_from_working() {
    for cut in [0, 100, 4_096, 40_000] {
        let directory = tempfile::tempdir().unwrap();
        leave(&directory, 0..2_000).await;
        let path = &journals(&directory)[0];
        fs::OpenOptions::new()
            .write(true)
            .open(path)
            .unwrap()
            .set_len(cut)
            .unwrap();

        let store = FaultyStore::new(|_, _| Fault::None);
        let tracker = journaled(&directory, &store).build().unwrap();
        tracker.record_durable(numbered(2_000)).await;
        tracker.flush().await;
        let stats = tracker.shutdown(LIMIT).await;
        assert!(stats.is_balanced(), "{stats:?}");
        assert!(sorted_details(store.memory()).contains(&2_000));
    }
}

#[tokio::test]
async fn a_file_of_another_program_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal-0.db");
    let foreign = rusqlite::Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE other (x)").unwrap();
    drop(foreign);
    let before = fs::read(&path).unwrap();

    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    tracker.record_durable(numbered(1)).await;
    tracker.flush().await;
    assert_eq!(tracker.shutdown(LIMIT).await.stored, 1);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(directory.path().join("journal-1.db").exists());
}

#[tokio::test]
async fn bits_that_flip_while_it_is_in_use_lose_no_more_than_they_hit() {
    let directory = tempfile::tempdir().unwrap();
    let store = away();
    let tracker = journaled(&directory, &store).build().unwrap();
    for number in 0..4_000 {
        tracker.record(numbered(number));
    }
    wait_journaled(&tracker, 4_000);
    let path = &journals(&directory)[0];
    // The checkpoint moves all rows from the log into the file itself.
    let file = rusqlite::Connection::open(path).unwrap();
    file.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    drop(file);
    let size = fs::metadata(path).unwrap().len();
    damage(path, size / 2 / 4_096 * 4_096, 4_096);
    store.come_back();
    tracker.flush().await;
    tracker.record_durable(numbered(4_000)).await;
    let stats = tracker.shutdown(LIMIT).await;
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!(stats.recorded, 4_001);
    let lost = stats.dropped.journal_damaged;
    assert_eq!(stats.stored + lost, 4_001, "{stats:?}");
    assert!(lost < 50, "{stats:?}");
    assert_eq!(store.memory().activities().len() as u64, stats.stored);
}

#[tokio::test]
async fn a_directory_that_can_not_be_written_any_more_keeps_nothing_from_the_store() {
    use std::os::unix::fs::PermissionsExt;

    // Root may write everywhere, whatever the permissions. A file in the place of the directory
    // stops root too.
    let directory = tempfile::tempdir().unwrap();
    let journal = directory.path().join("journal");
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = quick(store.clone()).journal(&*journal).build().unwrap();
    tracker.record_durable(numbered(0)).await;
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o500)).unwrap();
    fs::remove_dir_all(&journal).unwrap();
    fs::write(&journal, "").unwrap();
    for number in 1..10 {
        tracker.record_durable(numbered(number)).await;
    }
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.recorded, stats.stored), (10, 10), "{stats:?}");
    assert_eq!(sorted_details(store.memory()), (0..10).collect::<Vec<_>>());
}

#[tokio::test]
async fn rows_that_somebody_deletes_are_counted_and_hold_nobody_up() {
    let directory = tempfile::tempdir().unwrap();
    let store = away();
    let tracker = journaled(&directory, &store)
        .batch_rows(10)
        .build()
        .unwrap();
    for number in 0..30 {
        tracker.record(numbered(number));
    }
    wait_journaled(&tracker, 30);
    let file = rusqlite::Connection::open(&journals(&directory)[0]).unwrap();
    file.execute("DELETE FROM activities", []).unwrap();
    drop(file);
    store.come_back();
    tracker.flush().await;
    let stats = tracker.stats();
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!(
        stats.stored + stats.dropped.journal_damaged,
        30,
        "{stats:?}"
    );
    tracker.record_durable(numbered(30)).await;
    tracker.flush().await;
    assert_eq!(sorted_details(store.memory()).last(), Some(&30));
}

#[tokio::test]
async fn a_left_journal_that_is_none_keeps_no_other_from_being_shipped() {
    let directory = tempfile::tempdir().unwrap();
    leave(&directory, 0..20).await;
    fs::write(directory.path().join("journal-1.db"), [0xA5; 8_192]).unwrap();
    fs::create_dir(directory.path().join("journal-2.db")).unwrap();
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    tracker.record_durable(numbered(20)).await;
    wait_until(LIMIT, "all is shipped", || tracker.stats().stored == 21);
    assert_eq!(sorted_details(store.memory()), (0..21).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_process_that_ends_while_it_replaces_a_damaged_journal_loses_nothing_of_it() {
    let directory = tempfile::tempdir().unwrap();
    leave(&directory, 0..100).await;
    let path = journals(&directory).remove(0);
    // The new file is complete, and the old one is still in place.
    fs::rename(&path, path.with_extension("salvaged")).unwrap();
    fs::write(&path, [0xA5; 8_192]).unwrap();
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    wait_until(LIMIT, "all is shipped", || tracker.stats().stored == 100);
    drop(tracker);
    assert_eq!(asides(&directory), 1);

    // The old file has been set aside already. An incomplete new file is ignored.
    leave(&directory, 100..200).await;
    let path = journals(&directory).remove(0);
    fs::rename(&path, path.with_extension("salvaged")).unwrap();
    fs::write(path.with_extension("unfinished"), "half").unwrap();
    let tracker = journaled(&directory, &store).build().unwrap();
    wait_until(LIMIT, "all is shipped", || tracker.stats().stored == 100);
    assert_eq!(sorted_details(store.memory()), (0..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn trackers_whose_directory_is_removed_stay_out_of_each_others_journals() {
    let directory = tempfile::tempdir().unwrap();
    let stores = [away(), away(), away()];
    let [first, second] =
        [0, 1].map(|at: usize| journaled(&directory, &stores[at]).build().unwrap());
    first.record_durable(numbered(0)).await;
    second.record_durable(numbered(1)).await;
    fs::remove_dir_all(directory.path()).unwrap();
    first.record_durable(numbered(2)).await;
    second.record_durable(numbered(3)).await;
    let third = journaled(&directory, &stores[2]).build().unwrap();
    third.record_durable(numbered(4)).await;
    second.record_durable(numbered(5)).await;
    for store in &stores {
        store.come_back();
    }
    let mut numbers = Vec::new();
    for (tracker, store) in [first, second, third].iter().zip(&stores) {
        let stats = tracker.shutdown(LIMIT).await;
        assert!(stats.is_balanced(), "{stats:?}");
        assert_eq!(stats.dropped.total(), 0, "{stats:?}");
        numbers.extend(sorted_details(store.memory()));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1, 2, 3, 4, 5]);
    assert_eq!(asides(&directory), 0);
}

fn refusing() -> FaultyStore {
    FaultyStore::new(|_, _| Fault::Refused)
}

#[tokio::test]
async fn dead_letters_stay_when_their_journal_is_removed_or_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let tracker = journaled(&directory, &refusing()).build().unwrap();
    for number in 0..3 {
        tracker.record(numbered(number));
    }
    tracker.flush().await;
    fs::remove_dir_all(directory.path()).unwrap();
    tracker.record_durable(numbered(3)).await;
    tracker.flush().await;
    assert_eq!(tracker.stats().dead_lettered, 4);
    assert_eq!(dead_letters(directory.path(), 10).unwrap().len(), 4);
}

#[tokio::test]
async fn a_full_journal_gives_back_its_room_though_the_store_refuses_everything() {
    let directory = tempfile::tempdir().unwrap();
    let store = refusing();
    store.go_away();
    let tracker = quick(store.clone())
        .journal(Journal::new(directory.path()).bytes_max(64 << 10))
        .queue_capacity(10)
        .batch_rows(10)
        .build()
        .unwrap();
    wait_until(LIMIT, "the journal and the queue are full", || {
        for number in 0..10 {
            tracker.record(numbered(number));
        }
        tracker.stats().dropped.queue_full > 0
    });
    store.come_back();
    tracker.flush().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!((stats.journaled, stats.queued), (0, 0), "{stats:?}");
    let dead = dead_letters(directory.path(), usize::MAX).unwrap();
    assert_eq!(dead.len() as u64, stats.dead_lettered);
    let file = rusqlite::Connection::open(&journals(&directory)[0]).unwrap();
    let rows: i64 = file
        .query_row("SELECT count(*) FROM activities", [], |row| row.get(0))
        .unwrap();
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn a_directory_that_comes_to_be_later_is_used_without_waiting_for_an_activity() {
    let directory = tempfile::tempdir().unwrap();
    leave(&directory, 0..20).await;
    let hidden = directory.path().with_extension("hidden");
    fs::rename(directory.path(), &hidden).unwrap();
    fs::write(directory.path(), "in its place").unwrap();
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    assert_eq!(tracker.stats().adopted, 0);

    fs::remove_file(directory.path()).unwrap();
    fs::rename(&hidden, directory.path()).unwrap();
    wait_until(LIMIT, "all is shipped", || tracker.stats().stored == 20);
    assert_eq!(sorted_details(store.memory()), (0..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_log_of_a_journal_that_another_program_reads_does_not_grow_without_end() {
    /// The maximum size of the log beside a small journal, and the growth that one batch may add.
    const LOG_BYTES: u64 = 16 << 20;
    const BATCH_BYTES: u64 = 4 << 20;

    let directory = tempfile::tempdir().unwrap();
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = quick(store.clone())
        .journal(Journal::new(directory.path()).bytes_max(4 << 20))
        .full_queue_wait(LIMIT)
        .build()
        .unwrap();
    tracker.record_durable(numbered(0)).await;
    let path = journals(&directory).remove(0);
    let reader = rusqlite::Connection::open(&path).unwrap();
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM activities")
        .unwrap();
    let log_bytes = || fs::metadata(path.with_extension("db-wal")).map_or(0, |log| log.len());

    // All rows that go into the journal and out of it again are in the log.
    let mut numbers = 1..;
    let mut record = |count| {
        for number in numbers.by_ref().take(count) {
            tracker.record(numbered(number));
        }
        numbers.start
    };
    wait_until(LIMIT, "the log has reached its limit", || {
        record(1_000);
        log_bytes() >= LOG_BYTES
    });
    record(50_000);
    tracker.flush().await;
    assert!(
        log_bytes() < LOG_BYTES + BATCH_BYTES,
        "{} bytes",
        log_bytes()
    );

    drop(reader);
    wait_until(LIMIT, "the log is emptied", || {
        record(1);
        log_bytes() < LOG_BYTES / 2
    });
    let recorded = record(1);
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!(stats.stored, recorded as u64, "{stats:?}");
    assert_eq!(
        sorted_details(store.memory()),
        (0..recorded).collect::<Vec<_>>()
    );
}
