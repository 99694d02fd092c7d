//! Notes for an operator about a writable table: anything that may refuse or hide some activities,
//! an unfinished conversion, a dropped index, counts that are not in use. See [`read`].

use tokio_postgres::{Row, types::Type};

use super::{
    activity_counts::{self, CountsState},
    catalog,
    error::PostgresError,
    indexes, partitions,
    session::Session,
};

const NOTES: &str = include_str!("sql/notes.sql");

/// Returns one sentence for each note, and none for an engine whose catalog does not tell.
pub(super) async fn read(
    client: &Session,
    begin: &str,
    schema: &str,
) -> Result<Vec<String>, PostgresError> {
    let rows = catalog::rows(client, begin, NOTES, &[(&schema, Type::TEXT)]).await?;
    let mut notes: Vec<_> = rows.iter().map(note).collect::<Result<_, _>>()?;
    let under_way = partitions::under_way(client, begin, schema).await?;
    notes.extend(under_way.map(|under_way| under_way.to_string()));
    let missing = indexes::missing(client, begin, schema).await?;
    notes.extend(missing.iter().map(|index| index.note(schema)));
    if activity_counts::state(client, begin, schema).await? == CountsState::Outdated {
        notes.push(activity_counts::note());
    }
    Ok(notes)
}

fn note(row: &Row) -> Result<String, tokio_postgres::Error> {
    let kind: String = row.try_get("kind")?;
    let name: String = row.try_get("name")?;
    let definition: String = row.try_get("definition")?;
    Ok(match &*kind {
        "encoding" if name == "SQL_ASCII" => {
            "the database's encoding is SQL_ASCII: it keeps any text as it is written, and programs with another \
             encoding can write what can't be read as UTF-8"
                .to_owned()
        }
        "encoding" => format!(
            "the database's encoding is {name}: a question mark stands for each character that it lacks; \
             a database in UTF8 takes all"
        ),
        "required" => format!(
            "the column {name} must have a value: activities without one are refused; drop its NOT NULL if there can be some"
        ),
        "foreign key" => format!(
            "the foreign key {name}, {definition}, refuses activities that refer to what is not there: each is tried again \
             for a while, 60 s unless set, and then given up"
        ),
        "check" => format!(
            "the constraint {name}, {definition}, refuses activities that violate it"
        ),
        "trigger" => format!(
            "the trigger {name} runs for each activity that is written: what it raises refuses one, and what it makes of \
             them, or leaves out, is not seen by the writer"
        ),
        "rule" => format!(
            "the rule {name} rewrites what is inserted: COPY passes it over, and what it leaves out is not seen by the writer"
        ),
        "policies" => format!(
            "row-level security is on for this role: the policies {name} decide which activities it may write and which it sees"
        ),
        _ => format!("the table has the {kind} {name}"),
    })
}
