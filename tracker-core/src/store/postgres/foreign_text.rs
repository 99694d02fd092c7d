//! Texts that the server can't tell as UTF-8, and how their rows are read all the same.
//!
//! In a database of the encoding `SQL_ASCII` any bytes are a text, and Postgres refuses the whole
//! answer that has one which is no UTF-8 (22021). In others it refuses what UTF-8 has no character
//! for (22P05), such as the byte 81 in `WIN1252`. So that one such row hides no other, the
//! statement is repeated with the columns as bytes, and U+FFFD stands for what is no UTF-8. Other
//! encodings than `SQL_ASCII` then show it for every character but those of ASCII, on that page
//! alone.
//!
//! A row whose ID is no UTF-8 is on no timeline, since nothing can name it: a page that ends with
//! it could not be followed by another.

use std::{
    error::Error,
    sync::atomic::{AtomicBool, Ordering},
};

use tokio_postgres::types::{FromSql, Type};

use super::{error::PostgresError, identifier::quote_identifier, statements::Statements};
use crate::Activity;

/// What stands for a column of text in `bytes.sql`, for all columns and the statement that they are
/// of in `as_bytes.sql`, and for the table in `named_rows.sql`.
const COLUMN: &str = "{column}";
const COLUMNS: &str = "{columns}";
const STATEMENT: &str = "{statement}";
const TABLE: &str = "{table}";

/// The columns of a statement that are no texts.
const NUMBERS: [&str; 4] = ["created_at", "arrived", "day", "count"];

/// What is known of such texts in a store's database, and the statements that read them.
pub(super) struct ForeignText {
    pub(super) statements: Statements,
    /// Whether any bytes are a text there.
    is_usual: AtomicBool,
    is_told: AtomicBool,
}

impl ForeignText {
    pub(super) fn new(schema: &str) -> Self {
        Self {
            statements: for_bytes(Statements::for_schema(schema), schema),
            is_usual: AtomicBool::new(false),
            is_told: AtomicBool::new(false),
        }
    }

    /// Whether to ask for bytes at once.
    pub(super) fn is_usual(&self) -> bool {
        self.is_usual.load(Ordering::Relaxed)
    }

    /// Remembers that there were some, and logs that for the first time.
    pub(super) fn found(&self, store: &str, because: &PostgresError) {
        if because.sqlstate() == Some(NO_UTF8) {
            self.is_usual.store(true, Ordering::Relaxed);
        }
        if !self.is_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                store,
                %because,
                "some rows have texts that are no UTF-8: U+FFFD stands for what can't be read, and a row whose ID is none is not shown"
            );
        }
    }
}

const NO_UTF8: &str = "22021";
const NOT_IN_UTF8: &str = "22P05";

/// Whether the server has such a text, or was given one.
pub(super) fn is_cause_of(error: &PostgresError) -> bool {
    matches!(error.sqlstate(), Some(NO_UTF8 | NOT_IN_UTF8))
}

/// The statements with their texts as bytes.
fn for_bytes(text: Statements, schema: &str) -> Statements {
    let table = format!("{}.project_actions", quote_identifier(schema));
    let named_rows = include_str!("sql/named_rows.sql").replace(TABLE, &table);
    let read = |statement: &str, columns: &[&str]| {
        let columns: Vec<_> = columns.iter().map(|column| as_bytes(column)).collect();
        include_str!("sql/as_bytes.sql")
            .replace(COLUMNS, &columns.join(", "))
            .replace(STATEMENT, &statement.replace(&table, &named_rows))
    };
    let row = |statement: &str| read(statement, &Activity::COLUMNS);
    let arrival = [&Activity::COLUMNS[..], &["arrived"]].concat();
    Statements {
        timeline_newest: row(&text.timeline_newest),
        timeline_oldest: row(&text.timeline_oldest),
        activity: row(&text.activity),
        scan: row(&text.scan),
        arrivals: read(&text.arrivals, &arrival),
        counts_by_day: read(&text.counts_by_day, &["day", "action_type", "count"]),
        ..text
    }
}

fn as_bytes(column: &str) -> String {
    if NUMBERS.contains(&column) {
        return column.to_owned();
    }
    let bytes = include_str!("sql/bytes.sql").trim_end();
    bytes.replace(COLUMN, column)
}

/// A text, or the bytes of one; U+FFFD stands for what is no UTF-8.
pub(super) struct AnyText(pub(super) String);

impl<'a> FromSql<'a> for AnyText {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(String::from_utf8_lossy(raw).into_owned()))
    }

    fn accepts(kind: &Type) -> bool {
        *kind == Type::BYTEA || <&str>::accepts(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_that_is_read_is_read_as_bytes_and_nothing_else() {
        let text = Statements::for_schema("s");
        let foreign = for_bytes(Statements::for_schema("s"), "s");
        for (statement, columns) in [
            (&foreign.timeline_newest, 9),
            (&foreign.timeline_oldest, 9),
            (&foreign.activity, 9),
            (&foreign.scan, 9),
            (&foreign.arrivals, 9),
            (&foreign.counts_by_day, 1),
        ] {
            let bytes = statement.matches("convert_to(").count();
            assert_eq!(bytes, columns, "{statement}");
            for placeholder in [COLUMN, COLUMNS, STATEMENT, TABLE] {
                assert!(!statement.contains(placeholder), "{statement}");
            }
        }
        assert_eq!(foreign.count, text.count);
        assert_eq!(foreign.insert_batch, text.insert_batch);
    }
}
