//! Why rows are not deleted: [`Refusal`].

use tokio_postgres::error::DbError;

/// The reason that rows were not deleted.
pub(super) struct Refusal {
    /// The SQLSTATE and constraint, which identify the reason across rows.
    pub(super) key: (String, Option<String>),
    pub(super) because: String,
    /// The schema, table and name of a foreign key.
    pub(super) constraint: Option<[String; 3]>,
}

impl Refusal {
    /// Returns `None` if the error is not about a row, so that the next row would fail as well.
    pub(super) fn of(error: &DbError) -> Option<Self> {
        let sqlstate = error.code().code();
        if !is_of_rows(sqlstate) {
            return None;
        }
        let name = error.constraint().map(str::to_owned);
        let constraint = [error.schema(), error.table(), error.constraint()];
        let constraint = constraint.map(|part| part.map(str::to_owned));
        let constraint = match constraint {
            [Some(schema), Some(table), Some(name)] => Some([schema, table, name]),
            _ => None,
        };
        Some(Self {
            key: (sqlstate.to_owned(), name),
            because: format!("{} (SQLSTATE {sqlstate})", error.message()),
            // 23503 is a violated foreign key; 23001 is one ON DELETE RESTRICT, from version 18 on.
            constraint: constraint.filter(|_| matches!(sqlstate, "23503" | "23001")),
        })
    }
}

/// Returns whether the server refuses rows, by a constraint or by a trigger, which may have a code
/// of its own. It is every code except those of a connection, a role, a transaction, an invalid
/// statement or a resource.
fn is_of_rows(sqlstate: &str) -> bool {
    const OTHERS: [&str; 23] = [
        "08", "0A", "0B", "25", "26", "28", "2D", "34", "3B", "3D", "3F", "40", "42", "53", "54",
        "55", "57", "58", "72", "F0", "HV", "XX", "00",
    ];
    sqlstate
        .get(..2)
        .is_some_and(|class| !OTHERS.contains(&class))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_refused_by_constraints_and_triggers_and_not_by_a_servers_state() {
        for sqlstate in [
            "23503", "23001", "23505", "P0001", "P0004", "22000", "TR123", "38000",
        ] {
            assert!(is_of_rows(sqlstate), "{sqlstate}");
        }
        for sqlstate in [
            "42501", "55000", "57014", "40001", "53200", "55P03", "25006", "XX000", "",
        ] {
            assert!(!is_of_rows(sqlstate), "{sqlstate}");
        }
    }
}
