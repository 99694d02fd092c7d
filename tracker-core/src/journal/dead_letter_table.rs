//! The dead letters in a journal's file: [`DeadLetter`].

use rusqlite::{Connection, ToSql};

use crate::{
    Activity,
    journal::{error::JournalError, size},
    limits::DETAILS_CHARS_MAX,
    sqlite_rows as rows,
};

/// An activity that the store rejected, and the reason.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// The activity.
    pub activity: Activity,
    /// The store's error message, cut to 1,000 characters.
    pub reason: String,
    /// The time of dead-lettering, in milliseconds since the Unix epoch.
    pub died_at: i64,
}

impl DeadLetter {
    pub(crate) fn new(activity: Activity, reason: &str, died_at: i64) -> Self {
        Self {
            activity,
            reason: reason.chars().take(DETAILS_CHARS_MAX).collect(),
            died_at,
        }
    }
}

/// The fate of dead letters when their rows left the journal.
#[derive(Debug, Default)]
pub(crate) struct Cleared {
    pub(crate) put_aside: Vec<DeadLetter>,
    /// The dead letters for which there was no room.
    pub(crate) lost: Vec<DeadLetter>,
}

/// The dead letters that [`add`] stored.
#[derive(Clone, Copy, Debug)]
pub(in crate::journal) struct Added {
    pub(in crate::journal) letters: usize,
    /// The number of pages by which the file has grown.
    pub(in crate::journal) pages: i64,
}

/// Adds dead letters in the connection's transaction, until they have taken `pages_max` pages.
///
/// SQLite's own limit is not used, because reaching it would end the transaction.
pub(in crate::journal) fn add(
    connection: &Connection,
    letters: &[DeadLetter],
    pages_max: i64,
) -> Result<Added, JournalError> {
    let before = size::pages_used(connection)?;
    let mut added = Added {
        letters: 0,
        pages: 0,
    };
    let mut insert = connection.prepare(include_str!("sql/add_dead_letter.sql"))?;
    for letter in letters {
        if added.pages >= pages_max {
            break;
        }
        rows::with_values(&(&letter.activity).into(), |values| {
            let mut values = values.to_vec();
            values.extend([&letter.reason as &dyn ToSql, &letter.died_at]);
            insert.execute(&*values)
        })?;
        added.letters += 1;
        added.pages = size::pages_used(connection)? - before;
    }
    Ok(added)
}

/// Returns up to `max` dead letters, the oldest first.
pub(in crate::journal) fn read(
    connection: &Connection,
    max: usize,
) -> Result<Vec<DeadLetter>, JournalError> {
    let mut letters = connection.prepare(include_str!("sql/dead_letters.sql"))?;
    let letters = letters.query_map([i64::try_from(max).unwrap_or(i64::MAX)], |row| {
        Ok(DeadLetter {
            activity: rows::read(row)?,
            reason: row.get(10)?,
            died_at: row.get(11)?,
        })
    })?;
    Ok(letters.collect::<Result<_, _>>()?)
}
