//! The activities that are read.

use tokio_postgres::NoTls;
use tracker_core::{PostgresStore, Store};

use crate::extent::Extent;

const FILL: &str = include_str!("data.sql");

/// Creates and fills the table, and brings it into the state of some time after the rows came.
pub(crate) async fn fill(url: &str, extent: &Extent) -> anyhow::Result<()> {
    PostgresStore::new(url)?.migrate().await?;
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    client
        .execute(FILL, &[&extent.rows, &extent.projects])
        .await?;
    let vacuum = "VACUUM ANALYZE turbobackend.project_actions";
    client.batch_execute(vacuum).await?;
    Ok(())
}
