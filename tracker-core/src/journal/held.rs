//! Deferred rows, which the store does not accept yet: [`Held`].

use std::collections::HashMap;

use rusqlite::Connection;

use crate::{Activity, store::Batch};

/// The rows that stay in the file while the rows around them are removed.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<HeldRow>);

#[derive(Debug)]
struct HeldRow {
    /// The row's number in the file.
    ///
    /// `None` if the row is only in memory, because it could not be read.
    seq: Option<i64>,
    row: Batch,
}

impl Held {
    /// Adds rows that are in the file after number `after`, up to and including `last`.
    pub(super) fn add(&mut self, connection: &Connection, after: i64, last: i64, rows: Vec<Batch>) {
        if rows.is_empty() {
            return;
        }
        // An unreadable file is replaced, together with these rows, when it is cleared.
        let numbers = numbers(connection, after, last).unwrap_or_default();
        self.0.extend(rows.into_iter().map(|row| {
            let seq = id(&row).and_then(|id| numbers.get(id).copied());
            HeldRow { seq, row }
        }));
    }

    /// Takes over the held rows of another file, which are numbered from `first` on in this one.
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

    /// Removes the entries up to and including number `last`, except for the held rows.
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
