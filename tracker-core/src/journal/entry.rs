//! The activities that wait in a journal: [`Entry`].

use rusqlite::{Connection, params};

use crate::{Activity, sqlite_rows as rows, store::BATCH_BYTES};

/// An activity in a journal, and its sequence number there.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) seq: i64,
    pub(crate) activity: Activity,
}

/// Reads the first entries after number `after`, up to and including `end`.
///
/// Returns at most `max` entries, and stops once they fill a batch.
pub(super) fn read(
    connection: &Connection,
    after: i64,
    end: i64,
    max: usize,
) -> rusqlite::Result<Vec<Entry>> {
    let mut next = connection.prepare(include_str!("sql/next.sql"))?;
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let mut rows = next.query(params![after, end, max])?;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH_BYTES
        && let Some(row) = rows.next()?
    {
        let entry = Entry {
            seq: row.get(10)?,
            activity: rows::read(row)?,
        };
        bytes += entry.activity.bytes();
        entries.push(entry);
    }
    Ok(entries)
}
