//! Checks that activities can be written to the table.

use std::collections::HashMap;

use rusqlite::{Connection, Error, ErrorCode, MAIN_DB, OptionalExtension};

use super::error::{ErrorContext, code};
use crate::store::{FileProblem, StoreError};

/// The option's name.
pub(super) const TABLE: &str = "project_actions";

pub(super) const OPERATION: &str = "checking the table";

/// Checks that rows can be written now.
pub(super) fn check(connection: &Connection, context: &ErrorContext) -> Result<(), StoreError> {
    let found = Table::read(connection).map_err(|error| context.classify(OPERATION, error))?;
    let Some(table) = found else {
        return Err(StoreError::NotMigrated {
            store: context.store.clone(),
            table: TABLE.to_owned(),
        });
    };
    if let Some(difference) = table.difference() {
        return Err(context.other_shape(difference));
    }
    match connection.is_readonly(MAIN_DB) {
        Ok(true) => Err(StoreError::File {
            store: context.store.clone(),
            problem: FileProblem::ReadOnly,
            source: "it could be opened for reading only".into(),
        }),
        _ => Ok(()),
    }
}

impl ErrorContext {
    /// Returns the error of a statement on the table, or a more specific error if the table's shape
    /// is the cause.
    pub(super) fn explain(
        &self,
        connection: &Connection,
        operation: &'static str,
        error: Error,
    ) -> StoreError {
        // A statement that doesn't fit the table has this code, but so have other errors.
        if code(&error) == Some(ErrorCode::Unknown)
            && let Err(reason @ (StoreError::NotMigrated { .. } | StoreError::Shape { .. })) =
                check(connection, self)
        {
            return reason;
        }
        self.classify(operation, error)
    }

    pub(super) fn other_shape(&self, difference: String) -> StoreError {
        StoreError::Shape {
            store: self.store.clone(),
            table: TABLE.to_owned(),
            difference,
        }
    }
}

/// The conversion of values on storing: <https://sqlite.org/datatype3.html#type_affinity>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Affinity {
    Integer,
    Text,
    Blob,
    Real,
    Numeric,
}

impl Affinity {
    /// Determines the affinity by SQLite's five rules, in their order.
    fn of(declared: &str) -> Self {
        let declared = declared.to_ascii_uppercase();
        let says = |names: &[&str]| names.iter().any(|name| declared.contains(name));
        if says(&["INT"]) {
            Self::Integer
        } else if says(&["CHAR", "CLOB", "TEXT"]) {
            Self::Text
        } else if declared.is_empty() || says(&["BLOB"]) {
            Self::Blob
        } else if says(&["REAL", "FLOA", "DOUB"]) {
            Self::Real
        } else {
            Self::Numeric
        }
    }
}

const ANY_TEXT: &[Affinity] = &[Affinity::Text, Affinity::Blob];

/// The columns, and the affinities that store written values unchanged.
const COLUMNS: [(&str, &[Affinity]); 10] = [
    // An ID must also be found by its text, whichever program wrote it.
    ("action_id", &[Affinity::Text]),
    ("project_id", &[Affinity::Text]),
    ("user_id", ANY_TEXT),
    ("request_id", ANY_TEXT),
    ("action_type", ANY_TEXT),
    ("action_details", ANY_TEXT),
    ("status", ANY_TEXT),
    ("environment", ANY_TEXT),
    // The JSON of an object never looks like a number.
    (
        REFERENCE_IDS,
        &[Affinity::Text, Affinity::Blob, Affinity::Numeric],
    ),
    (
        "created_at",
        &[Affinity::Integer, Affinity::Numeric, Affinity::Blob],
    ),
];

const REFERENCE_IDS: &str = "reference_ids";
const COST_USD: &str = "cost_usd";

/// The existing table named `project_actions`.
pub(super) struct Table {
    is_view: bool,
    action_id_is_unique: bool,
    columns: HashMap<String, Column>,
}

struct Column {
    affinity: Affinity,
    /// True if it is `NOT NULL` and has no default.
    must_be_set: bool,
}

impl Table {
    /// Returns `None` if there is no such table.
    pub(super) fn read(connection: &Connection) -> rusqlite::Result<Option<Self>> {
        let sql = include_str!("sql/table_type.sql");
        let table_type = connection.query_row(sql, [], |row| row.get::<_, String>(0));
        let Some(table_type) = table_type.optional()? else {
            return Ok(None);
        };
        let mut columns = connection.prepare(include_str!("sql/columns.sql"))?;
        let columns = columns.query_map([], |row| {
            let column = Column {
                affinity: Affinity::of(&row.get::<_, String>(1)?),
                must_be_set: row.get(2)?,
            };
            Ok((row.get(0)?, column))
        })?;
        let sql = include_str!("sql/action_id_is_unique.sql");
        Ok(Some(Self {
            is_view: table_type == "view",
            columns: columns.collect::<rusqlite::Result<_>>()?,
            action_id_is_unique: connection.query_row(sql, [], |row| row.get(0))?,
        }))
    }

    pub(super) fn lacks_reference_ids(&self) -> bool {
        !self.columns.contains_key(REFERENCE_IDS)
    }

    pub(super) fn has_cost_usd(&self) -> bool {
        self.columns.contains_key(COST_USD)
    }

    /// Describes the first difference that keeps activities from being written, with advice.
    pub(super) fn difference(&self) -> Option<String> {
        const MIGRATE: &str = "run the migrations, with `tracker migrate` or from your program";
        self.difference_beyond_age().or_else(|| {
            if self.lacks_reference_ids() {
                Some(format!(
                    "it is an older one without the column {REFERENCE_IDS}: {MIGRATE}"
                ))
            } else if self
                .columns
                .get(COST_USD)
                .is_some_and(|column| column.must_be_set)
            {
                Some(format!(
                    "it is an older one with the column {COST_USD}: {MIGRATE}"
                ))
            } else {
                None
            }
        })
    }

    /// Describes the first difference that the migrations can't remove.
    pub(super) fn difference_beyond_age(&self) -> Option<String> {
        const MEND: &str = "mend that, or move the table out of the way and migrate";
        if self.is_view {
            return Some(format!("it is a view: {MEND}"));
        }
        for (name, affinities) in COLUMNS {
            match self.columns.get(name) {
                None if name == REFERENCE_IDS => {}
                None => return Some(format!("the column {name} is missing: {MEND}")),
                Some(column) if !affinities.contains(&column.affinity) => {
                    return Some(format!(
                        "the column {name} has a type that changes what is written to it: {MEND}"
                    ));
                }
                Some(_) => {}
            }
        }
        if !self.action_id_is_unique {
            return Some(format!("the column action_id is not unique: {MEND}"));
        }
        self.columns
            .iter()
            .filter(|(name, column)| column.must_be_set && *name != COST_USD)
            .map(|(name, _)| name)
            .filter(|name| COLUMNS.iter().all(|(known, _)| known != name))
            .min()
            .map(|name| format!("the column {name} is NOT NULL and has no default: {MEND}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_affinity_follows_the_declared_type() {
        for (declared, affinity) in [
            ("BIGINT", Affinity::Integer),
            ("varchar(255)", Affinity::Text),
            ("", Affinity::Blob),
            ("DOUBLE PRECISION", Affinity::Real),
            ("JSONB", Affinity::Numeric),
        ] {
            assert_eq!(Affinity::of(declared), affinity, "{declared}");
        }
    }
}
