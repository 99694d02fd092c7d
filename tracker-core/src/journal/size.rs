//! How large a journal's file is, and may be.

use rusqlite::Connection;

/// The size of a page, in bytes, which is SQLite's default.
pub(super) const PAGE_BYTES: i64 = 4_096;

/// The most pages that a file of SQLite's can have.
const PAGES_MAX: i64 = 4_294_967_294;

/// The least room for dead letters beside what waits: 1 MiB, some two thousand of them.
const LETTERS_PAGES_MIN: i64 = 256;

/// What a row takes beside its texts where the tree that it goes into has to grow: a page of each level.
const GROWTH_PAGES: i64 = 5;

/// From how many pages on a file that is nearly empty is made small again: 4 MiB.
const SHRINK_PAGES: i64 = 1_024;

/// How many pages are as many as that file may have in use: 256 KiB. They are copied.
const SHRUNK_PAGES: i64 = 64;

/// How many pages a journal may have for what waits.
pub(super) fn pages(bytes_max: u64) -> i64 {
    i64::try_from(bytes_max).unwrap_or(i64::MAX) / PAGE_BYTES
}

/// How many pages its dead letters may have beside it: as many again.
pub(super) fn letters_pages(pages_max: i64) -> i64 {
    pages_max.max(LETTERS_PAGES_MIN)
}

/// How many pages the dead letters of a file have; 0 where this SQLite can't tell.
pub(super) fn pages_of_letters(connection: &Connection) -> i64 {
    connection
        .query_row(include_str!("sql/letters_pages.sql"), [], |row| row.get(0))
        .unwrap_or(0)
}

/// Sets how many pages the file may have from now on; those that it has stay.
pub(super) fn limit(connection: &Connection, pages: i64) -> rusqlite::Result<()> {
    connection.pragma_update(None, "max_page_count", pages.min(PAGES_MAX))
}

/// How many pages hold something.
pub(super) fn pages_used(connection: &Connection) -> rusqlite::Result<i64> {
    Ok(pragma(connection, "page_count")? - pragma(connection, "freelist_count")?)
}

/// Whether a row of so many bytes may have been too much for the limit that is set.
pub(super) fn is_at_limit(connection: &Connection, row_bytes: usize) -> rusqlite::Result<bool> {
    let row_pages = i64::try_from(row_bytes).unwrap_or(i64::MAX) / PAGE_BYTES;
    let room = pragma(connection, "max_page_count")? - pages_used(connection)?;
    Ok(room <= row_pages.saturating_add(GROWTH_PAGES))
}

/// Makes a large file small where hardly anything is in it. SQLite itself only fills its pages again.
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
