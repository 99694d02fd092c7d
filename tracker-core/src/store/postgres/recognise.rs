//! What can't be found out by trying, and is asked before: [`recognise`] and [`recognise_pooler`].
//!
//! Each question is one simple message, so that what others send to a session that is shared can't come in between.

use tokio_postgres::{Client, SimpleQueryMessage};

use super::{
    class::Class,
    engine::{Engine, Feature},
    error::PostgresError,
};

/// What PGlite says in its version, and what older ones of it say there.
const PGLITE: [&str; 2] = ["PGlite", "emcc"];

/// Asks which server it is, once for all connections.
pub(super) async fn recognise(client: &Client, engine: &Engine) -> Result<(), PostgresError> {
    if engine.is_recognised() {
        return Ok(());
    }
    let version = answer(client, include_str!("sql/version.sql")).await?;
    if let Some(version) = version
        && PGLITE.iter().any(|name| version.contains(name))
    {
        engine.found_lacking(Feature::OwnSessions, &version);
        // What follows a COPY, it would take for the next statement of whichever client.
        engine.found_lacking(Feature::BinaryCopy, &version);
    }
    engine.recognised();
    Ok(())
}

/// Asks whether pgpool-II stands before the server, once for all connections; others know of no such setting.
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

/// The first value of the answer; `None` where the server refuses the question.
async fn answer(client: &Client, question: &str) -> Result<Option<String>, PostgresError> {
    let messages = match client
        .simple_query(question)
        .await
        .map_err(PostgresError::from)
    {
        Ok(messages) => messages,
        Err(error)
            if error.sqlstate().is_some()
                && !matches!(error.class(), Class::Unreachable | Class::Exhausted) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    Ok(messages.into_iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
