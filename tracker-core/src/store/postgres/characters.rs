//! Replaces characters that a database's encoding lacks, as LATIN1 lacks most: [`insertable`].
//!
//! The server is asked for the missing characters, in sets that are halved until the missing ones
//! are found. The result is therefore right for any encoding, and a few missing characters take a
//! few queries.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio_postgres::{Error, error::SqlState, types::Type};

use super::{
    error::PostgresError, filter::Parameter, read::Reading, session::Session,
    statements::NumberedStatements, transaction,
};
use crate::{
    Activity, ReferenceIds, Status,
    timeline::{Arrivals, Place},
};

/// The replacement of a missing character; encodings without U+FFFD have this one.
const REPLACEMENT: char = '?';

/// The most queries for one activity; characters that are undecided then count as missing.
const QUESTIONS_MAX: usize = 256;

/// Returns whether the error says that the database's encoding lacks a character.
pub(super) fn is_lacking(error: &PostgresError) -> bool {
    error.sqlstate() == Some("22P05")
}

/// Returns the arrivals of the projects, except of those whose IDs the database's encoding can't
/// represent.
pub(super) async fn arrivals(
    reading: Reading<'_>,
    numbered: &NumberedStatements,
    mut query: Arrivals,
) -> Result<Option<Vec<(Place, Activity)>>, Error> {
    match reading.arrivals(numbered, &query).await {
        Err(error) if error.code() == Some(&SqlState::UNTRANSLATABLE_CHARACTER) => {
            let characters = foreign(query.projects.iter().map(String::as_str));
            let lacking = lacking(reading.client, reading.begin, characters).await?;
            let is_known = |project: &String| !project.chars().any(|c| lacking.contains(&c));
            query.projects.retain(is_known);
            reading.arrivals(numbered, &query).await
        }
        asked => asked,
    }
}

/// Returns the activity with a question mark for each character that the database lacks.
///
/// Its ID and its project stay unchanged, because with other characters they would name another row
/// or project.
pub(super) async fn insertable(
    client: &Session,
    begin: &str,
    activity: &Activity,
) -> Result<Activity, Error> {
    let references = serde_json::to_value(&activity.reference_ids).unwrap_or_default();
    let texts = activity.texts().into_iter().flatten();
    let characters = foreign(texts.chain([references.to_string().as_str()]));
    let lacking = lacking(client, begin, characters).await?;
    let within = |text: &str| -> String {
        let replaced = |c| if lacking.contains(&c) { REPLACEMENT } else { c };
        text.chars().map(replaced).collect()
    };
    let of = |text: &Option<String>| text.as_deref().map(within);
    Ok(Activity {
        user_id: of(&activity.user_id),
        request_id: of(&activity.request_id),
        action_type: activity.action_type.as_deref().map(within).map(Into::into),
        action_details: of(&activity.action_details),
        status: activity
            .status
            .as_ref()
            .map(|status| Status::from(&*within(status.as_str()))),
        environment: of(&activity.environment),
        reference_ids: ReferenceIds::from_json(with_texts(references, &within)),
        ..activity.clone()
    })
}

/// Returns the distinct characters outside ASCII, which an encoding may lack.
fn foreign<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<char> {
    let characters = texts.flat_map(str::chars).filter(|c| !c.is_ascii());
    let distinct: BTreeSet<char> = characters.collect();
    distinct.into_iter().collect()
}

/// Returns the characters that the database lacks.
async fn lacking(
    client: &Session,
    begin: &str,
    characters: Vec<char>,
) -> Result<BTreeSet<char>, Error> {
    let mut lacking = BTreeSet::new();
    let mut open = vec![&*characters];
    let mut questions = 0;
    while let Some(part) = open.pop() {
        let has_all = part.is_empty() || {
            questions += 1;
            questions <= QUESTIONS_MAX && has(client, begin, part).await?
        };
        if has_all {
            continue;
        }
        if part.len() == 1 || questions > QUESTIONS_MAX {
            lacking.extend(part);
        } else {
            let (left, right) = part.split_at(part.len() / 2);
            open.extend([left, right]);
        }
    }
    Ok(lacking)
}

async fn has(client: &Session, begin: &str, characters: &[char]) -> Result<bool, Error> {
    let text = String::from_iter(characters);
    let parameters: [Parameter<'_>; 1] = [(&text.as_bytes(), Type::BYTEA)];
    let question = client.query_typed(include_str!("sql/has_characters.sql"), &parameters);
    match transaction::run(client, begin, question).await {
        Ok(_) => Ok(true),
        Err(error) if error.code() == Some(&SqlState::UNTRANSLATABLE_CHARACTER) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Changes all texts of a JSON value, including the names of its entries.
fn with_texts(value: Value, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => change(&text).into(),
        Value::Array(values) => {
            let values = values.into_iter().map(|value| with_texts(value, change));
            Value::Array(values.collect())
        }
        Value::Object(entries) => {
            let entries = entries.into_iter();
            let changed = entries.map(|(name, value)| (change(&name), with_texts(value, change)));
            Value::Object(changed.collect())
        }
        value => value,
    }
}
