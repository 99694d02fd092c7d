//! Pruning in batches to its end, and what it leaves.

use tracker_core::{
    ActionType, Activity, Store,
    store::{Kept, Pruning},
};

/// An activity of the project `p`, whose time is its number and whose ID tells it.
#[must_use]
pub fn numbered(number: i64) -> Activity {
    let mut row = Activity::new(ActionType::Deployment).project_id("p");
    (row.action_id, row.created_at) = (format!("{number:06}"), Some(number));
    row
}

/// The number of rows that all batches removed, and the rows that were kept, by reason.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    /// The number of removed rows.
    pub removed: u64,
    /// Why rows stay, and how many, where the store knows that.
    pub kept: Vec<(String, Option<u64>)>,
    /// The number of batches.
    pub batches: u32,
}

/// Prunes one batch after the other until there is no next one.
///
/// # Panics
///
/// When a batch fails, or there is a thousandth one.
pub async fn prune(store: &dyn Store, pruning: Pruning) -> Outcome {
    let mut outcome = Outcome {
        removed: 0,
        kept: Vec::new(),
        batches: 0,
    };
    let mut next = Some(pruning);
    while let Some(pruning) = next {
        let pruned = store.prune(pruning).await.expect("a batch");
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
///
/// # Panics
///
/// When they can't be read.
pub async fn left(store: &dyn Store) -> Vec<String> {
    let rows = store.scan(None, 10_000).await.expect("rows");
    rows.into_iter().map(|row| row.action_id).collect()
}
