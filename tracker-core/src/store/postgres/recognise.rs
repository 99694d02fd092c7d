//! Recognises properties of a server that can't be tried without harm: [`recognise`] and
//! [`recognise_pooler`].
//!
//! Each query is one simple message, so that other clients' messages to a shared session can't come
//! in between.

use tokio_postgres::{Client, SimpleQueryMessage};

use super::{
    class::Class,
    engine::{self, Engine, Feature},
    error::PostgresError,
};

/// Parts of PGlite's version: the current one, and that of older releases.
const PGLITE: [&str; 2] = ["PGlite", "emcc"];

/// Recognises the server, once for all connections.
pub(super) async fn recognise(client: &Client, engine: &Engine) -> Result<(), PostgresError> {
    if engine.is_recognised() {
        return Ok(());
    }
    let version = answer(client, include_str!("sql/version.sql")).await?;
    if let Some(version) = version
        && PGLITE.iter().any(|name| version.contains(name))
    {
        engine.found_lacking(Feature::OwnSessions, &version);
        // PGlite would take the data of a COPY for the next statement of any client.
        engine.found_lacking(Feature::BinaryCopy, &version);
    }
    // Statements depend on the indexes that were built, so trouble of the moment is no lack here.
    match first_value(client, include_str!("sql/text_hash.sql")).await {
        Err(error) if engine::is_lack(&error) => {
            engine.found_lacking(Feature::TextHashes, &error.to_string());
        }
        computed => {
            computed?;
        }
    }
    engine.recognised();
    Ok(())
}

/// Finds out whether pgpool-II is in front of the server, once for all connections. Other servers
/// do not know its setting.
pub(super) async fn recognise_pooler(
    client: &Client,
    engine: &Engine,
) -> Result<(), PostgresError> {
    if engine.is_pooler_recognised() || engine.lacks(Feature::BinaryCopy) {
        return Ok(());
    }
    if let Some(version) = answer(client, "SHOW pool_version").await? {
        let because = format!("pgpool-II {version} stands before it");
        engine.found_lacking(Feature::BinaryCopy, &because);
    }
    engine.pooler_recognised();
    Ok(())
}

/// Returns the first value of the result, or `None` if the server refuses the query.
async fn answer(client: &Client, question: &str) -> Result<Option<String>, PostgresError> {
    match first_value(client, question).await {
        Err(error)
            if error.sqlstate().is_some()
                && !matches!(error.class(), Class::Unreachable | Class::Exhausted) =>
        {
            Ok(None)
        }
        answer => answer,
    }
}

/// Returns the first value of the result.
async fn first_value(client: &Client, question: &str) -> Result<Option<String>, PostgresError> {
    let messages = client.simple_query(question).await?;
    Ok(messages.into_iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
