//! Activities in the journal: what survives, what is shipped, and what happens when its files fail.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use proptest::prelude::*;
use tempfile::TempDir;
use tracker_core::{
    ActionType, Activity, Journal, MemoryStore, Stats, Tracker, TrackerBuilder,
    journal::dead_letters, tracked,
};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    process::wait_until,
    quick::quick,
};

/// Far more than anything here takes; a test that reaches it has failed.
const LIMIT: Duration = Duration::from_secs(30);

fn numbered(number: usize) -> Activity {
    Activity::new(ActionType::Deployment)
        .project_id("project_7")
        .details(number.to_string())
        .reference("deployment_id", number)
}

fn details(store: &MemoryStore) -> Vec<String> {
    let activities = store.activities().into_iter();
    activities
        .filter_map(|activity| activity.action_details)
        .collect()
}

fn sorted_details(store: &MemoryStore) -> Vec<usize> {
    let mut numbers: Vec<_> = details(store)
        .iter()
        .map(|number| number.parse().unwrap())
        .collect();
    numbers.sort_unstable();
    numbers
}

/// A store that is away, until it is told to come back.
fn away() -> FaultyStore {
    let store = FaultyStore::new(|_, _| Fault::None);
    store.go_away();
    store
}

fn journaled(directory: &TempDir, store: &FaultyStore) -> TrackerBuilder {
    quick(store.clone()).journal(directory.path())
}

fn wait_journaled(tracker: &Tracker, rows: u64) {
    wait_until(LIMIT, "all is in the journal", || {
        tracker.stats().journaled == rows
    });
}

/// What a process leaves that recorded while the store was away.
async fn leave(directory: &TempDir, numbers: std::ops::Range<usize>) -> Stats {
    let tracker = journaled(directory, &away()).build().unwrap();
    for number in numbers {
        tracker.record(numbered(number));
    }
    tracker.shutdown(Duration::ZERO).await
}

fn journals(directory: &TempDir) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
        .collect();
    files.sort();
    files
}

/// How many damaged journals were set aside.
fn asides(directory: &TempDir) -> usize {
    let names = fs::read_dir(directory.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    names.filter(|name| name.contains("damaged")).count()
}

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
    // The lock of a file that is empty and gone stays, for who takes it next.
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
    // A page in the middle: a dozen rows.
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
    // Nobody takes it for a journal.
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

/// Waits until nobody has a journal: past its deadline a shutdown does not wait for the file to be closed.
fn wait_released(directory: &TempDir) {
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

/// What happens to a tracker between its start and its end.
#[derive(Clone, Debug)]
enum Step {
    Record(u8),
    RecordDurable,
    Flush,
    StoreGoesAway,
    StoreComesBack,
    /// The file is removed, as by an operator who tidies up.
    FilesAreRemoved,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => any::<u8>().prop_map(Step::Record),
        3 => Just(Step::RecordDurable),
        1 => Just(Step::Flush),
        1 => Just(Step::StoreGoesAway),
        2 => Just(Step::StoreComesBack),
        1 => Just(Step::FilesAreRemoved),
    ]
}

/// Several trackers, one after the other, on the same directory and the same store.
async fn live(lives: Vec<Vec<Step>>, faults: Vec<Fault>, batch_rows: usize) {
    let directory = tempfile::tempdir().unwrap();
    let store = FaultyStore::new(move |write, _| {
        let fault = usize::try_from(write)
            .ok()
            .and_then(|write| faults.get(write));
        fault.copied().unwrap_or(Fault::None)
    });
    let mut number = 0;
    for steps in lives {
        let tracker = journaled(&directory, &store)
            .batch_rows(batch_rows)
            .build()
            .unwrap();
        // The journal is open then, and nobody can remove what is in it before.
        tracker.record_durable(numbered(number)).await;
        number += 1;
        let mut is_away = false;
        for step in steps {
            match step {
                Step::Record(count) => {
                    for _ in 0..count {
                        tracker.record(numbered(number));
                        number += 1;
                    }
                }
                Step::RecordDurable => {
                    tracker.record_durable(numbered(number)).await;
                    number += 1;
                }
                // While the store is away that would not end.
                Step::Flush if is_away => {}
                Step::Flush => tracker.flush().await,
                Step::StoreGoesAway => {
                    store.go_away();
                    is_away = true;
                }
                Step::StoreComesBack => {
                    store.come_back();
                    is_away = false;
                }
                Step::FilesAreRemoved => fs::remove_dir_all(directory.path()).unwrap_or_default(),
            }
            let stats = tracker.stats();
            assert!(stats.is_balanced(), "{stats:?}");
        }
        // Removed files are noticed at the next activity; what is recorded last is what notices it.
        tracker.record_durable(numbered(number)).await;
        number += 1;
        let stats = tracker.shutdown(Duration::ZERO).await;
        assert!(stats.is_balanced(), "{stats:?}");
        assert_eq!((stats.queued, stats.dropped.total()), (0, 0), "{stats:?}");
        store.come_back();
        wait_released(&directory);
    }
    let tracker = journaled(&directory, &store).build().unwrap();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!(
        (stats.journaled, stats.dropped.total()),
        (0, 0),
        "{stats:?}"
    );
    let stored = sorted_details(store.memory());
    let missing: Vec<_> = (0..number)
        .filter(|number| stored.binary_search(number).is_err())
        .collect();
    assert_eq!((missing, stored.len()), (Vec::new(), number));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 48,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_happens_between_the_queue_the_journal_and_the_store_each_activity_arrives_once(
        lives in prop::collection::vec(prop::collection::vec(step(), 0..12), 1..4),
        faults in prop::collection::vec(
            prop::sample::select(vec![Fault::None, Fault::Unreachable, Fault::AnswerLost]),
            0..20,
        ),
        batch_rows in 1_usize..60,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(lives, faults, batch_rows));
    }
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
    // What is in the file itself, and not in the log beside it.
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

    // Root may write everywhere, whatever the permissions: a file in the place of the directory stops it too.
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
    // The new one is complete, and the old one still in its place.
    fs::rename(&path, path.with_extension("salvaged")).unwrap();
    fs::write(&path, [0xA5; 8_192]).unwrap();
    let store = FaultyStore::new(|_, _| Fault::None);
    let tracker = journaled(&directory, &store).build().unwrap();
    wait_until(LIMIT, "all is shipped", || tracker.stats().stored == 100);
    drop(tracker);
    assert_eq!(asides(&directory), 1);

    // The old one is set aside already; and one that is not complete says nothing.
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
