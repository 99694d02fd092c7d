//! Pruning where some rows can't be removed: they are passed over, counted and named, and all others go.

mod partitions;
mod postgres;
mod sqlite;

use tracker_core::{
    ActionType, Activity, Store,
    store::{Kept, Pruning},
};

/// An activity with a time, whose ID tells its number.
fn numbered(number: i64) -> Activity {
    let mut row = Activity::new(ActionType::Deployment).project_id("p");
    (row.action_id, row.created_at) = (format!("{number:06}"), Some(number));
    row
}

/// What all batches removed, and what stays by its reason.
#[derive(Debug, PartialEq)]
struct Outcome {
    removed: u64,
    kept: Vec<(String, Option<u64>)>,
    batches: u32,
}

async fn prune(store: &dyn Store, pruning: Pruning) -> Outcome {
    let mut outcome = Outcome {
        removed: 0,
        kept: Vec::new(),
        batches: 0,
    };
    let mut next = Some(pruning);
    while let Some(pruning) = next {
        let pruned = store.prune(pruning).await.unwrap();
        outcome.removed += pruned.removed;
        outcome.batches += 1;
        assert!(outcome.batches < 1_000, "batches without an end");
        for Kept { because, rows, .. } in pruned.kept {
            match outcome.kept.iter_mut().find(|(other, _)| *other == because) {
                Some((_, sum)) => *sum = sum.zip(rows).map(|(sum, rows)| sum + rows),
                None => outcome.kept.push((because, rows)),
            }
        }
        next = pruned.next;
    }
    outcome
}

/// The IDs that are left, in their order.
async fn left(store: &dyn Store) -> Vec<String> {
    let rows = store.scan(None, 10_000).await.unwrap();
    rows.into_iter().map(|row| row.action_id).collect()
}
