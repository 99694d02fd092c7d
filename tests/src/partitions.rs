//! Rows of many months, for tables in partitions.

use proptest::{option, prelude::*};
use tracker_core::{
    ActionType, Activity, PostgresStore, Store,
    store::{
        Batch, Pruning,
        postgres::partitions::{Partitioned, Partitioning, Period},
    },
    timeline::Filter,
};
use uuid::Uuid;

use crate::{
    filters::activities,
    pruning::{self, Outcome},
};

/// A day, in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// The first moment of the months of [`scattered`] rows, 2025-11-01, and their number of days.
pub const BEGIN_MS: i64 = 1_761_955_200_000;
const DAYS: i64 = 400;

/// Returns a unique UUIDv7 of this time.
///
/// # Panics
///
/// For a time before 1970.
#[must_use]
pub fn id_at(ms: i64) -> String {
    let ms = u64::try_from(ms).expect("a time since 1970");
    let mut bytes = *Uuid::now_v7().as_bytes();
    bytes[..6].copy_from_slice(&ms.to_be_bytes()[2..]);
    Uuid::from_bytes(bytes).to_string()
}

/// Returns activities of a project that are scattered over months. Most have the time of their ID,
/// some another one or none, and some an ID of another kind.
pub fn scattered(project_id: &'static str) -> impl Strategy<Value = Activity> {
    let day = 0..DAYS;
    (
        activities(project_id),
        day.clone(),
        prop_oneof![
            6 => Just(Place::Own),
            1 => (-400..400_i64).prop_map(Place::Apart),
            1 => Just(Place::Untimed),
            1 => Just(Place::Foreign),
            1 => Just(Place::ForeignUntimed),
        ],
        option::weighted(0.1, Just(())),
    )
        .prop_map(|(mut row, day, place, is_odd)| {
            // The times of day are few, so that some are equal, and some at the very bounds of a
            // period.
            let ms = BEGIN_MS + day * DAY_MS - i64::from(is_odd.is_some());
            (row.action_id, row.created_at) = match place {
                Place::Own => (id_at(ms), Some(ms)),
                Place::Apart(days) => (id_at(ms), Some(ms + days * DAY_MS)),
                Place::Untimed => (id_at(ms), None),
                Place::Foreign => (format!("order-{}", Uuid::now_v7()), Some(ms)),
                Place::ForeignUntimed => (Uuid::now_v7().simple().to_string(), None),
            };
            row
        })
}

#[derive(Clone, Debug)]
enum Place {
    Own,
    /// The time is this many days from that of the ID.
    Apart(i64),
    Untimed,
    Foreign,
    ForeignUntimed,
}

/// Creates a table with rows of these months, and partitions it by month.
///
/// # Panics
///
/// If that fails.
pub async fn partitioned(url: &str) -> PostgresStore {
    let store = PostgresStore::new(url).expect("a store");
    store.migrate().await.expect("a table");
    let rows = (0..DAYS).step_by(10).map(|day| {
        let mut row = Activity::new(ActionType::Deployment).project_id("seed");
        let ms = BEGIN_MS + day * DAY_MS;
        (row.action_id, row.created_at) = (id_at(ms), Some(ms));
        row
    });
    store.write(rows.collect()).await.expect("rows");
    let partitioned = store.partition(Partitioning::by(Period::Month), |_| ());
    partitioned.await.expect("a table in partitions");
    store
}

/// Partitions a new table by day while it has rows, writes more of them, and prunes them all, in
/// batches as `pruning` says.
///
/// # Panics
///
/// When the store does not do one of these, or does it otherwise.
pub async fn assert_partitioned_and_pruned(store: &PostgresStore, pruning: Pruning) -> Outcome {
    let activities = |count| -> Batch {
        let row = |_| Activity::new(ActionType::Deployment).project_id("project_7");
        (0..count).map(row).collect()
    };
    store.migrate().await.expect("a table");
    store.write(activities(300)).await.expect("a write");
    let partitioned = store.partition(Partitioning::by(Period::Day), |_| ());
    let partitioned = partitioned.await.expect("partitions");
    assert_eq!(partitioned, Partitioned::Converted { rows: 300 });
    store.write(activities(200)).await.expect("a write");
    let filter = Filter::project("project_7");
    assert_eq!(store.count(filter.clone()).await.expect("a count"), 500);
    assert!(store.partitions().await.expect("a list").len() > 3);
    store.check().await.expect("no difference");
    let pruned = pruning::prune(store, pruning).await;
    assert_eq!(pruned.kept, []);
    assert_eq!(store.count(filter).await.expect("a count"), 0);
    pruned
}
