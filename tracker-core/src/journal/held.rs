//! What the store does not take yet, in the journal's file: [`Held`].

use std::collections::HashMap;

use rusqlite::Connection;

use crate::{Activity, store::Batch};

/// Rows that keep their places in the file while those around them leave it.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<HeldRow>);

#[derive(Debug)]
struct HeldRow {
    /// Its number in the file; `None` where it is in memory alone, as it could not be read.
    seq: Option<i64>,
    row: Batch,
}

impl Held {
    /// Holds rows that are in the file behind the number `behind`, and no further than `last`.
    pub(super) fn add(&mut self, connection: &Connection, after: i64, last: i64, rows: Vec<Batch>) {
        if rows.is_empty() {
            return;
        }
        // A file that can't be read is replaced when it is cleared, with these rows.
        let numbers = numbers(connection, after, last).unwrap_or_default();
        self.0.extend(rows.into_iter().map(|row| {
            let seq = id(&row).and_then(|id| numbers.get(id).copied());
            HeldRow { seq, row }
        }));
    }

    /// Holds what another file held, of which these are the numbers here, from `first` on.
    pub(super) fn take(&mut self, other: &Self, first: i64) {
        self.0 = (first..)
            .zip(&other.0)
            .map(|(seq, held)| HeldRow {
                seq: Some(seq),
                row: held.row.clone(),
            })
            .collect();
    }

    pub(super) fn remove(&mut self, row: &Batch) {
        self.0.retain(|held| id(&held.row) != id(row));
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn activities(&self) -> Vec<Activity> {
        let rows = self.0.iter();
        rows.flat_map(|held| held.row.activities().to_vec())
            .collect()
    }

    /// Removes what is in the file up to the number `last`, but for what is held.
    pub(super) fn remove_others(&self, connection: &Connection, last: i64) -> rusqlite::Result<()> {
        let mut kept: Vec<_> = self.0.iter().filter_map(|held| held.seq).collect();
        kept.sort_unstable();
        kept.push(last.saturating_add(1));
        let mut remove = connection.prepare(include_str!("sql/remove.sql"))?;
        let mut after = i64::MIN;
        for seq in kept {
            if after == i64::MIN || seq > after + 1 {
                remove.execute([after, seq])?;
            }
            after = seq;
        }
        Ok(())
    }
}

fn id(row: &Batch) -> Option<&str> {
    row.activities().first().map(|row| &*row.action_id)
}

fn numbers(
    connection: &Connection,
    after: i64,
    last: i64,
) -> rusqlite::Result<HashMap<String, i64>> {
    let mut numbers = connection.prepare(include_str!("sql/numbers.sql"))?;
    let numbers = numbers.query_map([after, last], |row| Ok((row.get(1)?, row.get(0)?)))?;
    numbers.collect()
}
