//! The activities that are read.

use anyhow::Context as _;
use tokio_postgres::{Client, NoTls};
use tracker_bench_support::before;
use tracker_core::{PostgresStore, Store};

use crate::extent::Extent;

const FILL: &str = include_str!("data.sql");
const FILL_LARGE: &str = include_str!("large.sql");

/// The rows of one statement.
const AT_ONCE: i64 = 500_000;

/// Creates and fills the table, and brings it into the state of some time after the rows came.
pub(crate) async fn fill(url: &str, extent: &Extent) -> anyhow::Result<()> {
    PostgresStore::new(url)?.migrate().await?;
    fill_table(&connect(url).await?, extent).await
}

/// Creates a database with the table of the build before, and fills it with the same activities.
/// Returns its URL.
pub(crate) async fn fill_before(url: &str, extent: &Extent) -> anyhow::Result<String> {
    let create = "CREATE DATABASE before";
    connect(url).await?.batch_execute(create).await?;
    let (server, _) = url.rsplit_once('/').context("no database in the URL")?;
    let url = format!("{server}/before");
    let client = connect(&url).await?;
    for statement in before::table()? {
        client.batch_execute(&statement).await?;
    }
    fill_table(&client, extent).await?;
    Ok(url)
}

/// Adds a project, of which all rows are, in the time span of the other ones.
pub(crate) async fn fill_large(url: &str, project: &str, rows: i64) -> anyhow::Result<()> {
    let client = connect(url).await?;
    let mut from = 1;
    while from <= rows {
        let to = rows.min(from + AT_ONCE - 1);
        client
            .execute(FILL_LARGE, &[&project, &rows, &from, &to])
            .await?;
        from = to + 1;
    }
    settle(&client).await?;
    // Otherwise the server writes the rows to the disk while it is asked.
    Ok(client.batch_execute("CHECKPOINT").await?)
}

async fn fill_table(client: &Client, extent: &Extent) -> anyhow::Result<()> {
    client
        .execute(FILL, &[&extent.rows, &extent.projects])
        .await?;
    settle(client).await
}

async fn settle(client: &Client) -> anyhow::Result<()> {
    let vacuum = "VACUUM ANALYZE turbobackend.project_actions";
    Ok(client.batch_execute(vacuum).await?)
}

async fn connect(url: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
