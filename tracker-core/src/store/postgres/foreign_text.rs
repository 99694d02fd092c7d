//! Reads rows with texts that the server can't convert to UTF-8.
//!
//! A database of the encoding `SQL_ASCII` accepts any bytes as a text, and Postgres refuses a whole
//! result with a text that is not UTF-8 (22021). With other encodings it refuses characters that
//! UTF-8 lacks (22P05), such as the byte 81 in `WIN1252`. To keep one such row from hiding all
//! others, the statement is repeated with its columns as bytes, and U+FFFD replaces everything that
//! is not UTF-8. In encodings other than `SQL_ASCII` this replaces every character outside ASCII,
//! but only on the affected page.
//!
//! A row whose ID is not UTF-8 is on no timeline. No cursor can name it, so a page that ends with
//! it could have no next page.

use std::{
    borrow::Cow,
    error::Error,
    sync::atomic::{AtomicBool, Ordering},
};

use tokio_postgres::types::{FromSql, Type};

use super::{
    error::PostgresError,
    identifier::quote_identifier,
    statements::{Keys, ProjectStatements, Statements},
};
use crate::Activity;

/// The placeholders of the `.sql` files: `bytes.sql` has the column, `as_bytes.sql` all columns and
/// their statement, and `named_rows.sql` the table.
const COLUMN: &str = "{column}";
const COLUMNS: &str = "{columns}";
const STATEMENT: &str = "{statement}";
const TABLE: &str = "{table}";

/// The columns that are not texts.
const NUMBERS: [&str; 7] = [
    "created_at",
    "arrived",
    "bucket",
    "has_failed",
    "is_before",
    "count",
    "number",
];

/// The knowledge about such texts in a store's database, and the statements that read them.
pub(super) struct ForeignText {
    pub(super) statements: Statements,
    pub(super) statements_of_columns: Statements,
    /// True if the database accepts any bytes as a text.
    is_usual: AtomicBool,
    is_told: AtomicBool,
}

impl ForeignText {
    pub(super) fn new(schema: &str) -> Self {
        Self {
            statements: for_bytes(Statements::for_schema(schema, Keys::Indexed), schema),
            statements_of_columns: for_bytes(Statements::for_schema(schema, Keys::Columns), schema),
            is_usual: AtomicBool::new(false),
            is_told: AtomicBool::new(false),
        }
    }

    /// Returns whether to read bytes from the start.
    pub(super) fn is_usual(&self) -> bool {
        self.is_usual.load(Ordering::Relaxed)
    }

    /// Remembers that there was such a text, and logs it the first time.
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

/// Returns whether the error is about such a text, stored or sent.
pub(super) fn is_cause_of(error: &PostgresError) -> bool {
    matches!(error.sqlstate(), Some(NO_UTF8 | NOT_IN_UTF8))
}

/// Makes the statements that read texts as bytes.
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
    let step = [&Activity::COLUMNS[..], &["number"]].concat();
    let arrival = [&Activity::COLUMNS[..], &["arrived"]].concat();
    let counts = ["bucket", "action_type", "has_failed", "is_before", "count"];
    Statements {
        timeline_newest: row(text.timeline_newest.text()).into(),
        timeline_oldest: row(text.timeline_oldest.text()).into(),
        blocks: None,
        requests: read(&text.requests, &step),
        activity: row(&text.activity),
        scan: row(&text.scan),
        arrivals: read(&text.arrivals, &arrival),
        counts: read(&text.counts, &counts),
        counts_before: read(&text.counts_before, &counts),
        projects: ProjectStatements {
            ids: read(&text.projects.ids, &["project_id"]),
            ..text.projects
        },
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

/// A text, or a text's bytes; U+FFFD replaces everything that is not UTF-8.
pub(super) struct AnyText<'a>(pub(super) Cow<'a, str>);

impl<'a> FromSql<'a> for AnyText<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        // Most are UTF-8, which is soon checked.
        let text = str::from_utf8(raw).map(Cow::Borrowed);
        Ok(Self(text.unwrap_or_else(|_| String::from_utf8_lossy(raw))))
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
        let text = Statements::for_schema("s", Keys::Indexed);
        let foreign = for_bytes(Statements::for_schema("s", Keys::Indexed), "s");
        for (statement, columns) in [
            (foreign.timeline_newest.text(), 9),
            (foreign.timeline_oldest.text(), 9),
            (&*foreign.requests, 9),
            (&foreign.activity, 9),
            (&foreign.scan, 9),
            (&foreign.arrivals, 9),
            (&foreign.counts, 1),
            (&foreign.counts_before, 1),
            (&foreign.projects.ids, 1),
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
