//! The table that everything is written to.

use std::pin::pin;

use anyhow::Context as _;
use tokio_postgres::{
    Client, NoTls,
    binary_copy::BinaryCopyInWriter,
    types::{ToSql, Type},
};
use tracker_core::{Activity, PostgresStore, Status, Store};

use crate::cases::activity;

/// The table, and where it is.
pub(crate) struct Table {
    pub(crate) url: String,
    pub(crate) client: Client,
}

const COPY: &str = "COPY turbobackend.project_actions (action_id, project_id, user_id, request_id, action_type, \
                    action_details, status, environment, reference_ids, created_at) FROM STDIN (FORMAT binary)";

const TYPES: [Type; 10] = [
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::JSONB,
    Type::INT8,
];

impl Table {
    /// Makes the table as the migrations make it.
    pub(crate) async fn create(url: &str) -> anyhow::Result<Self> {
        PostgresStore::new(url)?.migrate().await?;
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self {
            url: url.to_owned(),
            client,
        })
    }

    /// Removes all rows, and begins each measurement with what the last one wrote on the disk.
    pub(crate) async fn empty(&self) -> anyhow::Result<()> {
        let empty = "TRUNCATE turbobackend.project_actions; CHECKPOINT";
        Ok(self.client.batch_execute(empty).await?)
    }

    pub(crate) async fn rows(&self) -> anyhow::Result<usize> {
        let count = "SELECT count(*) FROM turbobackend.project_actions";
        let rows: i64 = self.client.query_one(count, &[]).await?.get(0);
        usize::try_from(rows).context("a count is no number of rows")
    }

    /// Copies rows, in one COPY: as fast as Postgres takes them.
    pub(crate) async fn copy(&self, activities: &[Activity]) -> anyhow::Result<()> {
        let sink = self.client.copy_in(COPY).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
        for activity in activities {
            let status = activity.status.as_ref().map(Status::as_str);
            let references = activity.reference_ids.to_json();
            let action_type = activity.action_type.as_deref();
            let values: [&(dyn ToSql + Sync); 10] = [
                &activity.action_id,
                &activity.project_id,
                &activity.user_id,
                &activity.request_id,
                &action_type,
                &activity.action_details,
                &status,
                &activity.environment,
                &references,
                &activity.created_at,
            ];
            writer.as_mut().write(&values).await?;
        }
        writer.finish().await?;
        Ok(())
    }

    /// Makes it larger by so many rows, and has its statistics known.
    pub(crate) async fn fill(&self, rows: usize) -> anyhow::Result<()> {
        const AT_ONCE: usize = 100_000;
        let mut left = rows;
        while left > 0 {
            let some = left.min(AT_ONCE);
            let activities: Vec<_> = (0..some).map(activity).collect();
            self.copy(&activities).await?;
            left -= some;
        }
        let settle = "VACUUM ANALYZE turbobackend.project_actions";
        self.client.batch_execute(settle).await?;
        Ok(self.client.batch_execute("CHECKPOINT").await?)
    }
}
