//! The size of a journal's file, and its limits.

use rusqlite::Connection;

/// The size of a page, in bytes, which is SQLite's default.
pub(super) const PAGE_BYTES: i64 = 4_096;

/// The most pages that a file of SQLite's can have.
const PAGES_MAX: i64 = 4_294_967_294;

/// The least room for dead letters beside what waits: 1 MiB, some two thousand of them.
const LETTERS_PAGES_MIN: i64 = 256;

/// The pages that a row takes beside its texts if the tree that it goes into has to grow: one of
/// each level.
const GROWTH_PAGES: i64 = 5;

/// The number of pages from which an almost empty file is shrunk: 4 MiB.
const SHRINK_PAGES: i64 = 1_024;

/// The largest number of used pages at which a file is shrunk: 256 KiB. Shrinking copies them.
const SHRUNK_PAGES: i64 = 64;

/// Returns the number of pages that a journal may have for waiting activities.
pub(super) fn pages(bytes_max: u64) -> i64 {
    i64::try_from(bytes_max).unwrap_or(i64::MAX) / PAGE_BYTES
}

/// Returns the number of pages that its dead letters may have beside it: as many again.
pub(super) fn letters_pages(pages_max: i64) -> i64 {
    pages_max.max(LETTERS_PAGES_MIN)
}

/// Returns the number of pages of the dead letters in a file, or 0 if this SQLite can't tell.
pub(super) fn pages_of_letters(connection: &Connection) -> i64 {
    connection
        .query_row(include_str!("sql/letters_pages.sql"), [], |row| row.get(0))
        .unwrap_or(0)
}

/// Sets how many pages the file may have from now on; those that it has stay.
pub(super) fn limit(connection: &Connection, pages: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "max_page_count", pages.min(PAGES_MAX))
}

/// Returns the number of pages in use.
pub(super) fn pages_used(connection: &Connection) -> rusqlite::Result<i64> {
    Ok(pragma(connection, "page_count")? - pragma(connection, "freelist_count")?)
}

/// Returns whether a row of `row_bytes` bytes may not fit within the file's limit.
pub(super) fn is_at_limit(connection: &Connection, row_bytes: usize) -> rusqlite::Result<bool> {
    let row_pages = i64::try_from(row_bytes).unwrap_or(i64::MAX) / PAGE_BYTES;
    let room = pragma(connection, "max_page_count")? - pages_used(connection)?;
    Ok(room <= row_pages.saturating_add(GROWTH_PAGES))
}

/// Shrinks a large file that has hardly anything in use. SQLite itself only fills its pages again.
pub(super) fn shrink(connection: &Connection) -> rusqlite::Result<()> {
    let is_large = pragma(connection, "page_count")? >= SHRINK_PAGES;
    if is_large && pages_used(connection)? <= SHRUNK_PAGES {
        connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?;
    }
    Ok(())
}

fn pragma(connection: &Connection, name: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
