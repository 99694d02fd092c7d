//! Pruning when some rows can't be removed: these are skipped, counted and named, and all others
//! are removed.

mod partitions;
mod postgres;
mod sqlite;

use tracker_core::{
    ActionType, Activity, Store,
    store::{Kept, Pruning},
};

/// Returns an activity whose ID and time are its number.
fn numbered(number: i64) -> Activity {
    let mut row = Activity::new(ActionType::Deployment).project_id("p");
    (row.action_id, row.created_at) = (format!("{number:06}"), Some(number));
    row
}

/// The number of rows that all batches removed, and the rows that were kept, by reason.
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

/// Returns the remaining IDs, in order.
async fn left(store: &dyn Store) -> Vec<String> {
    let rows = store.all(None, 10_000).await.unwrap();
    rows.into_iter().map(|row| row.action_id).collect()
}
