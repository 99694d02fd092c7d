//! The tables of a database, as the database itself describes them.

use rusqlite::Connection;

/// A table that exists.
#[derive(Clone, Debug, Default)]
pub struct TableSchema {
    pub name: String,
    pub columns: Vec<String>,
    /// The column of the primary key; SQLite's own row ID where a table has none.
    pub primary_key: String,
    pub references: Vec<Reference>,
}

/// A column that holds the primary key of another table.
#[derive(Clone, Debug)]
pub struct Reference {
    pub column: String,
    pub table: String,
}

impl TableSchema {
    /// Reads all tables of the project, in the order of their creation.
    pub fn read_all(connection: &Connection) -> rusqlite::Result<Vec<Self>> {
        let mut statement = connection.prepare(include_str!("sql/columns.sql"))?;
        let mut rows = statement.query([])?;
        let mut tables: Vec<Self> = Vec::new();
        while let Some(row) = rows.next()? {
            let (name, column, key, reference): (String, String, u32, Option<String>) =
                row.try_into()?;
            if tables.last().is_none_or(|table| table.name != name) {
                tables.push(Self {
                    name,
                    primary_key: "rowid".to_owned(),
                    ..Self::default()
                });
            }
            let Some(table) = tables.last_mut() else {
                continue;
            };
            if key == 1 {
                table.primary_key.clone_from(&column);
            }
            table.references.extend(reference.map(|table| Reference {
                column: column.clone(),
                table,
            }));
            table.columns.push(column);
        }
        Ok(tables)
    }
}
