//! Checks that activities can be written to the table: its type, columns, indexes and grants.

use tokio_postgres::{
    Row,
    types::{ToSql, Type},
};

use super::{
    error_context::ErrorContext, identifier::quote_identifier, session::Session, transaction,
};
use crate::{
    limits::{DETAILS_CHARS_MAX, ID_CHARS_MAX},
    store::StoreError,
};

const SHAPE: &str = include_str!("sql/shape.sql");

const TEXT: &[Type] = &[Type::VARCHAR, Type::TEXT];

/// The columns, their accepted types, and the most characters that a value can have.
const COLUMNS: [(&str, &[Type], usize); 10] = [
    ("action_id", TEXT, ID_CHARS_MAX),
    ("project_id", TEXT, ID_CHARS_MAX),
    ("user_id", TEXT, ID_CHARS_MAX),
    ("request_id", TEXT, ID_CHARS_MAX),
    ("action_type", TEXT, ID_CHARS_MAX),
    ("action_details", TEXT, DETAILS_CHARS_MAX),
    ("status", TEXT, ID_CHARS_MAX),
    ("environment", TEXT, ID_CHARS_MAX),
    (REFERENCE_IDS, &[Type::JSONB], usize::MAX),
    ("created_at", &[Type::INT8], usize::MAX),
];

/// The column that the older table lacks.
const REFERENCE_IDS: &str = "reference_ids";

/// The column that only the older table has.
const COST_USD: &str = "cost_usd";

/// The table as the catalog describes it.
#[derive(Debug)]
pub(super) struct Table {
    /// Its name with the schema, as a statement has it.
    name: String,
    /// `r` for a table, `p` for one in partitions.
    kind: String,
    usage_granted: bool,
    /// The reason that the server takes no writes in this session, if any.
    read_only: Option<String>,
    id_unique: bool,
    /// The index of another unique or exclusion constraint.
    other_unique: Option<String>,
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    name: String,
    /// The OID of the type, which does not depend on the type's name here.
    type_id: u32,
    /// The name of the type in this database.
    kind: String,
    chars_max: Option<i32>,
    /// True if a row must have a value here.
    required: bool,
    insert_granted: bool,
}

impl Table {
    /// Reads the catalog; returns `None` if the table does not exist. Needs no privilege.
    pub(super) async fn read(
        client: &Session,
        begin: &str,
        schema: &str,
    ) -> Result<Option<Self>, tokio_postgres::Error> {
        let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&schema, Type::TEXT)];
        let rows = client.query_typed(SHAPE, &parameters);
        let rows = transaction::run(client, begin, rows).await?;
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        let mut table = Self {
            name: format!("{}.project_actions", quote_identifier(schema)),
            kind: first.try_get("kind")?,
            usage_granted: first.try_get("usage_granted")?,
            read_only: first.try_get("read_only")?,
            id_unique: first.try_get("id_unique")?,
            other_unique: first.try_get("other_unique")?,
            columns: Vec::with_capacity(rows.len()),
        };
        for row in &rows {
            table.columns.extend(Column::from_row(row)?);
        }
        Ok(Some(table))
    }

    /// Describes the first difference that keeps activities from being written, with advice.
    pub(super) fn difference(&self) -> Option<String> {
        self.difference_but(&[])
    }

    /// Describes the first difference that the migrations can't remove: the same differences,
    /// except the column that the migrations add and the one that they drop.
    pub(super) fn difference_for_migrating(&self) -> Option<String> {
        self.difference_but(&[REFERENCE_IDS, COST_USD])
    }

    fn difference_but(&self, migrated: &[&str]) -> Option<String> {
        if !["r", "p"].contains(&&*self.kind) {
            return Some(
                "it is a view or a table of a special kind, expected is an ordinary table: \
                 rename it, or set another schema"
                    .to_owned(),
            );
        }
        for (name, types, chars_max) in COLUMNS {
            match self.columns.iter().find(|column| column.name == name) {
                Some(column) => {
                    let difference = column.difference(&self.name, types, chars_max);
                    if difference.is_some() {
                        return difference;
                    }
                }
                None if migrated.contains(&name) => {}
                None if name == REFERENCE_IDS => {
                    return Some(format!(
                        "the column {name} is missing: run the migrations, with `tracker migrate` or from your program"
                    ));
                }
                None => {
                    return Some(format!(
                        "the column {name} is missing, expected is {}: add it, or set another schema",
                        expected(types, chars_max)
                    ));
                }
            }
        }
        if let Some(column) = self.columns.iter().find(|column| {
            column.required
                && !migrated.contains(&&*column.name)
                && !COLUMNS.iter().any(|(name, ..)| *name == column.name)
        }) {
            return Some(format!(
                "the column {} must have a value, and activities have none for it: {}",
                column.name,
                if column.name == COST_USD {
                    "run the migrations, with `tracker migrate` or from your program"
                } else {
                    "give it a default, or drop its NOT NULL"
                }
            ));
        }
        if !self.id_unique {
            return Some(
                "nothing makes action_id unique: make it the primary key, or add a unique index on it alone"
                    .to_owned(),
            );
        }
        self.difference_of_indexes()
    }

    /// Describes a unique or exclusion constraint other than that of `action_id`. A row skipped
    /// because of it would count as stored already, and be lost.
    pub(super) fn difference_of_indexes(&self) -> Option<String> {
        let index = self.other_unique.as_ref()?;
        Some(format!(
            "the index {index} refuses activities that have values in common, which then are lost without an error: \
             drop it or its constraint, and make a plain index if one is needed for reading"
        ))
    }

    /// Returns whether the role lacks a privilege to write.
    pub(super) fn lacks_a_grant(&self) -> bool {
        self.lacking().is_some()
    }

    /// Describes the privilege that the role lacks to write, if any.
    fn lacking(&self) -> Option<String> {
        if !self.usage_granted {
            return Some("the role has no USAGE on the schema".to_owned());
        }
        let column = self.columns.iter().find(|column| {
            !column.insert_granted && COLUMNS.iter().any(|(name, ..)| *name == column.name)
        })?;
        Some(format!(
            "the role has no INSERT on the column {}",
            column.name
        ))
    }
}

impl Column {
    fn from_row(row: &Row) -> Result<Option<Self>, tokio_postgres::Error> {
        let Some(name) = row.try_get("name")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            name,
            type_id: row.try_get("type_id")?,
            kind: row.try_get("type")?,
            chars_max: row.try_get("chars_max")?,
            required: row.try_get("required")?,
            insert_granted: row.try_get("insert_granted")?,
        }))
    }

    fn difference(&self, table: &str, types: &[Type], chars_max: usize) -> Option<String> {
        let name = &self.name;
        if !types.iter().any(|is| is.oid() == self.type_id) {
            return Some(format!(
                "the column {name} is of type {}, expected is {}: change its type, or set another schema",
                self.kind,
                expected(types, chars_max)
            ));
        }
        let own_max = self.chars_max.and_then(|own| usize::try_from(own).ok())?;
        (own_max < chars_max).then(|| {
            format!(
                "the column {name} holds {own_max} characters at most, expected are {chars_max} or more: \
                 ALTER TABLE {table} ALTER COLUMN {name} TYPE VARCHAR"
            )
        })
    }
}

fn expected(types: &[Type], chars_max: usize) -> String {
    let names = types.iter().map(|is| match *is {
        Type::VARCHAR => "character varying",
        Type::INT8 => "bigint",
        ref is => is.name(),
    });
    let types = names.collect::<Vec<_>>().join(" or ");
    if chars_max == usize::MAX {
        types
    } else {
        format!("{types} for {chars_max} characters")
    }
}

/// Checks that rows can be written now to the result of [`Table::read`].
pub(super) fn writable(table: Option<&Table>, context: &ErrorContext) -> Result<(), StoreError> {
    let table = table.ok_or_else(|| context.not_migrated())?;
    if let Some(difference) = table.difference() {
        return Err(context.shape(difference));
    }
    if let Some(privilege) = table.lacking() {
        return Err(context.denied(privilege));
    }
    match &table.read_only {
        Some(reason) => Err(context.read_only(reason)),
        None => Ok(()),
    }
}
