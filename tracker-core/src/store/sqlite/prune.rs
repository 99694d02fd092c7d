//! Prunes rows older than a given time, in the order of the table.
//!
//! Each statement deletes all of its rows or none. A refused statement is retried with half as many
//! rows, and a row that is refused alone is skipped; after a success the next statement has twice
//! as many rows. One row that can't be deleted thus costs a few statements, and each of many in a
//! series costs one.

use rusqlite::{Connection, Error, ErrorCode, params};

use crate::store::{Kept, Pruned, Pruning, pruning::PruneCursor};

pub(super) fn prune(connection: &Connection, pruning: Pruning) -> rusqlite::Result<Pruned> {
    let after = if let PruneCursor::AfterNumber(number) = pruning.cursor {
        Some(number)
    } else {
        None
    };
    let before = pruning.created_before;
    let rows = candidates(connection, before, after, pruning.limit)?;
    let mut pruned = Pruned::default();
    let mut delete = connection.prepare(include_str!("sql/prune.sql"))?;
    let (mut at, mut length) = (0, rows.len());
    while let Some(first) = rows.get(at) {
        let part = &rows[at..rows.len().min(at + length)];
        let last = part.last().unwrap_or(first);
        let range = params![before, first, last];
        let removed = match delete.execute(range) {
            Ok(removed) => removed,
            Err(error) if !is_of_rows(&error) => return Err(error),
            Err(error) if part.len() == 1 => {
                keep(connection, &mut pruned.kept, Some(error), 1)?;
                at += 1;
                continue;
            }
            Err(_) => {
                length = part.len() / 2;
                continue;
            }
        };
        pruned.removed += removed as u64;
        if removed < part.len() {
            // A trigger skipped some, or another process has removed them.
            let left = connection.query_row(include_str!("sql/prune_left.sql"), range, |row| {
                row.get::<_, i64>(0)
            })?;
            keep(connection, &mut pruned.kept, None, left)?;
        }
        at += part.len();
        length = (part.len() * 2).min(rows.len());
    }
    let is_last = rows.len() < usize::try_from(pruning.limit).unwrap_or(usize::MAX);
    if let Some(last) = rows.last().filter(|_| !is_last) {
        pruned.next = Some(pruning.at(PruneCursor::AfterNumber(*last)));
    }
    Ok(pruned)
}

/// Returns everything that may keep rows from deletion.
pub(super) fn obstacles(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut select = connection.prepare(include_str!("sql/prune_obstacles.sql"))?;
    select.query_map([], |row| row.get(0))?.collect()
}

fn candidates(
    connection: &Connection,
    created_before: i64,
    after: Option<i64>,
    limit: u32,
) -> rusqlite::Result<Vec<i64>> {
    let mut select = connection.prepare(include_str!("sql/prune_candidates.sql"))?;
    let rows = select.query_map(params![created_before, after, limit], |row| row.get(0))?;
    rows.collect()
}

/// Returns whether a row was refused, by a constraint or by a trigger.
fn is_of_rows(error: &Error) -> bool {
    matches!(
        error,
        Error::SqliteFailure(error, _) if error.code == ErrorCode::ConstraintViolation
    )
}

/// Notes rows that were not deleted. SQLite's message names no constraint, so everything that may
/// have kept them is added.
fn keep(
    connection: &Connection,
    kept: &mut Vec<Kept>,
    error: Option<Error>,
    rows: i64,
) -> rusqlite::Result<()> {
    let rows = u64::try_from(rows).unwrap_or(0);
    if rows == 0 {
        return Ok(());
    }
    let obstacles = obstacles(connection)?.join(" or ");
    let because = match error {
        Some(Error::SqliteFailure(_, Some(said))) if obstacles.is_empty() => said,
        Some(Error::SqliteFailure(_, Some(said))) => format!("{obstacles}: {said}"),
        Some(error) => error.to_string(),
        None => format!("{obstacles}: they were passed over"),
    };
    match kept.iter_mut().find(|kept| kept.because == because) {
        Some(same) => same.rows = same.rows.map(|before| before + rows),
        None => kept.push(Kept {
            because,
            rows: Some(rows),
        }),
    }
    Ok(())
}
