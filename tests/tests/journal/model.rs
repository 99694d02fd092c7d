//! A property test of the queue, the journal and the store together, under any sequence of events.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use proptest::prelude::*;
use tracker_core::store::Batch;
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{LIMIT, journaled, numbered, sorted_details, wait_released},
};

/// An event between the start and the end of a tracker.
#[derive(Clone, Debug)]
enum Step {
    Record(u8),
    RecordDurable,
    Flush,
    StoreGoesAway,
    StoreComesBack,
    /// The store lacks the rows that every third activity refers to, until `ReferencesCome`.
    ReferencesAreMissing,
    ReferencesCome,
    /// An operator removes the files.
    FilesAreRemoved,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => any::<u8>().prop_map(Step::Record),
        3 => Just(Step::RecordDurable),
        1 => Just(Step::Flush),
        1 => Just(Step::StoreGoesAway),
        2 => Just(Step::StoreComesBack),
        1 => Just(Step::ReferencesAreMissing),
        1 => Just(Step::ReferencesCome),
        1 => Just(Step::FilesAreRemoved),
    ]
}

fn has_reference(batch: &Batch) -> bool {
    let mut numbers = batch.activities().iter().map(|row| {
        let number = row.action_details.as_deref().unwrap();
        number.parse::<usize>().unwrap()
    });
    numbers.any(|number| number % 3 == 0)
}

/// Runs several trackers, one after the other, on the same directory and the same store.
async fn live(lives: Vec<Vec<Step>>, faults: Vec<Fault>, batch_rows: usize) {
    let directory = tempfile::tempdir().unwrap();
    let are_missing = Arc::<AtomicBool>::default();
    let told = Arc::clone(&are_missing);
    let store = FaultyStore::new(move |write, batch| {
        let fault = usize::try_from(write)
            .ok()
            .and_then(|write| faults.get(write));
        let fault = fault.copied().unwrap_or(Fault::None);
        if fault == Fault::None && told.load(Ordering::SeqCst) && has_reference(batch) {
            return Fault::MissingReference;
        }
        fault
    });
    let mut number = 0;
    for steps in lives {
        let tracker = journaled(&directory, &store)
            .batch_rows(batch_rows)
            .build()
            .unwrap();
        // A durable activity proves that the journal is open. No file is removed before that.
        tracker.record_durable(numbered(number)).await;
        number += 1;
        let mut is_away = false;
        let refer = |is_missing| are_missing.store(is_missing, Ordering::SeqCst);
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
                // A flush would not end while the store is unreachable.
                Step::Flush if is_away || are_missing.load(Ordering::SeqCst) => {}
                Step::Flush => tracker.flush().await,
                Step::StoreGoesAway => {
                    store.go_away();
                    is_away = true;
                }
                Step::StoreComesBack => {
                    store.come_back();
                    is_away = false;
                }
                Step::ReferencesAreMissing => refer(true),
                Step::ReferencesCome => refer(false),
                Step::FilesAreRemoved => fs::remove_dir_all(directory.path()).unwrap_or_default(),
            }
            let stats = tracker.stats();
            assert!(stats.is_balanced(), "{stats:?}");
        }
        // Removed files are noticed at the next activity, so the last one recorded notices them.
        tracker.record_durable(numbered(number)).await;
        number += 1;
        let stats = tracker.shutdown(Duration::ZERO).await;
        assert!(stats.is_balanced(), "{stats:?}");
        assert_eq!((stats.queued, stats.dropped.total()), (0, 0), "{stats:?}");
        store.come_back();
        wait_released(&directory);
    }
    are_missing.store(false, Ordering::SeqCst);
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
            prop::sample::select(vec![
                Fault::None,
                Fault::Unreachable,
                Fault::AnswerLost,
                Fault::MissingReference,
                Fault::Busy,
            ]),
            0..30,
        ),
        batch_rows in 1_usize..60,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live(lives, faults, batch_rows));
    }
}
