//! The entries of the timeline in plain Rust: rows, requests as blocks, and folds of equal
//! neighbours.

use serde::Serialize;
use tracker_core::Activity;

const DAY_MS: i64 = 86_400_000;

/// The number of equal neighbours from which they are folded.
const RUN_MIN: usize = 3;

/// One of the things that stand below each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    /// One activity.
    Row(String),
    /// Equal neighbours, in the order in which they would stand.
    Run(Vec<String>),
    /// The steps of a request, the oldest first.
    Block(String, Vec<Entry>),
}

impl Entry {
    /// Returns the key of the entry on the page, where those of a run are the newest first.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Row(id) | Self::Block(id, _) => id.clone(),
            Self::Run(ids) => format!("fold:{}", ids.last().expect("a run of several")),
        }
    }

    /// Returns the number of blocks that are in it.
    pub(crate) fn blocks(&self) -> usize {
        match self {
            Self::Row(_) | Self::Block(..) => 1,
            Self::Run(ids) => ids.len(),
        }
    }
}

/// Returns the days, the newest first, in UTC; the last one may be that of rows without a time.
pub(crate) fn days(activities: &[Activity]) -> Vec<(Option<i64>, Vec<Entry>)> {
    let mut days: Vec<(Option<i64>, Vec<Vec<&Activity>>)> = Vec::new();
    for block in blocks(activities) {
        let day = day(block[0]);
        match days.last_mut() {
            Some((last, blocks)) if *last == day => blocks.push(block),
            _ => days.push((day, vec![block])),
        }
    }
    let days = days.into_iter();
    days.map(|(day, blocks)| (day, entries(&blocks))).collect()
}

/// Returns the activities of each request, the newest first, in the order of their newest.
pub(crate) fn blocks(activities: &[Activity]) -> Vec<Vec<&Activity>> {
    let mut newest_first: Vec<&Activity> = activities.iter().collect();
    newest_first.sort_by_key(|row| (row.created_at, &row.action_id));
    let mut blocks: Vec<Vec<&Activity>> = Vec::new();
    for row in newest_first.into_iter().rev() {
        let same = |block: &&mut Vec<&Activity>| {
            row.request_id.is_some() && block[0].request_id == row.request_id
        };
        match blocks.iter_mut().find(same) {
            Some(block) => block.push(row),
            None => blocks.push(vec![row]),
        }
    }
    blocks
}

fn entries(blocks: &[Vec<&Activity>]) -> Vec<Entry> {
    let runs = blocks.chunk_by(|one, other| one.len() == 1 && other.len() == 1);
    runs.flat_map(|run| match &run[0][..] {
        [_] => folded(&run.concat()),
        [newest, ..] => {
            let steps: Vec<_> = run[0].iter().rev().copied().collect();
            let request = newest.request_id.clone().unwrap_or_default();
            vec![Entry::Block(request, folded(&steps))]
        }
        [] => Vec::new(),
    })
    .collect()
}

fn folded(activities: &[&Activity]) -> Vec<Entry> {
    let told = |row: &Activity| {
        (
            row.action_type.clone(),
            row.user_id.clone(),
            row.status.clone(),
            row.environment.clone(),
            day(row),
        )
    };
    let runs = activities.chunk_by(|one, other| told(one) == told(other));
    runs.flat_map(|run| {
        let mut ids = run.iter().map(|row| row.action_id.clone());
        if run.len() < RUN_MIN {
            ids.map(Entry::Row).collect()
        } else {
            vec![Entry::Run(ids.by_ref().collect())]
        }
    })
    .collect()
}

fn day(row: &Activity) -> Option<i64> {
    row.created_at.map(|time| time.div_euclid(DAY_MS))
}
