//! The activities of 24 months.

use std::{
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};

use tokio_postgres::{Client, NoTls};
use tracker_core::{
    PostgresStore, Store,
    store::postgres::partitions::{Partitioning, Period},
};

const FILL: &str = include_str!("data.sql");

/// The span of the activities: a bit less than 24 months, up to now.
const TIME_MS: i64 = 729 * 86_400_000;
static BEGIN_MS: LazyLock<i64> = LazyLock::new(|| {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(0));
    now - TIME_MS - 3_600_000
});

/// The rows of one statement.
const AT_ONCE: i64 = 500_000;

pub(crate) async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

pub(crate) fn store(url: &str, schema: &str) -> anyhow::Result<PostgresStore> {
    Ok(PostgresStore::builder(url).schema(schema).build()?)
}

/// Creates a table of `rows` rows in the state of some time after they came, partitioned from the
/// start or not.
pub(crate) async fn fill(
    url: &str,
    schema: &str,
    rows: i64,
    is_partitioned: bool,
) -> anyhow::Result<PostgresStore> {
    let (store, client) = (store(url, schema)?, connect(url).await?);
    store.migrate().await?;
    let fill = FILL.replace("{schema}", schema);
    let begin_ms = *BEGIN_MS;
    let mut from = 1;
    if is_partitioned {
        // This adds the first row, and partitions from its month on.
        client
            .execute(&fill, &[&rows, &from, &from, &begin_ms, &TIME_MS])
            .await?;
        from += 1;
        store
            .partition(Partitioning::by(Period::Month), |_| ())
            .await?;
    }
    while from <= rows {
        let to = rows.min(from + AT_ONCE - 1);
        client
            .execute(&fill, &[&rows, &from, &to, &begin_ms, &TIME_MS])
            .await?;
        from = to + 1;
    }
    let vacuum = format!("VACUUM ANALYZE {schema}.project_actions");
    client.batch_execute(&vacuum).await?;
    client.batch_execute("CHECKPOINT").await?;
    Ok(store)
}

/// Removes a table and everything that belongs to it.
pub(crate) async fn remove(url: &str, schema: &str) -> anyhow::Result<()> {
    let client = connect(url).await?;
    let drop = format!("DROP SCHEMA {schema} CASCADE; CHECKPOINT");
    client.batch_execute(&drop).await?;
    Ok(())
}
