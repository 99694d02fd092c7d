//! The table that all cases write to.

use std::pin::pin;

use anyhow::Context as _;
use serde_json::Value;
use tokio_postgres::{
    Client, NoTls,
    binary_copy::BinaryCopyInWriter,
    types::{ToSql, Type},
};
use tracker_core::{Activity, PostgresStore, Status, Store};

use crate::activities::activity;

/// The table and its server.
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

const INSERT: &str = "INSERT INTO turbobackend.project_actions (action_id, project_id, user_id, request_id, action_type, \
                      action_details, status, environment, reference_ids, created_at) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

/// The values of an activity, as the columns take them.
struct Row<'a> {
    activity: &'a Activity,
    action_type: Option<&'a str>,
    status: Option<&'a str>,
    references: Value,
}

impl<'a> From<&'a Activity> for Row<'a> {
    fn from(activity: &'a Activity) -> Self {
        Self {
            activity,
            action_type: activity.action_type.as_deref(),
            status: activity.status.as_ref().map(Status::as_str),
            references: activity.reference_ids.to_json(),
        }
    }
}

impl Row<'_> {
    fn values(&self) -> [&(dyn ToSql + Sync); 10] {
        [
            &self.activity.action_id,
            &self.activity.project_id,
            &self.activity.user_id,
            &self.activity.request_id,
            &self.action_type,
            &self.activity.action_details,
            &self.status,
            &self.activity.environment,
            &self.references,
            &self.activity.created_at,
        ]
    }
}

impl Table {
    /// Creates the table by the migrations.
    pub(crate) async fn create(url: &str) -> anyhow::Result<Self> {
        PostgresStore::new(url)?.migrate().await?;
        Self::open(url).await
    }

    /// Creates the table of another database of the server by other statements.
    pub(crate) async fn beside(
        &self,
        database: &str,
        statements: &[String],
    ) -> anyhow::Result<Self> {
        let create = format!("CREATE DATABASE {database}");
        self.client.batch_execute(&create).await?;
        let (server, _) = self
            .url
            .rsplit_once('/')
            .context("no database in the URL")?;
        let beside = Self::open(&format!("{server}/{database}")).await?;
        for statement in statements {
            beside.client.batch_execute(statement).await?;
        }
        Ok(beside)
    }

    async fn open(url: &str) -> anyhow::Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self {
            url: url.to_owned(),
            client,
        })
    }

    /// Removes all rows, and writes to the disk what the last measurement has left.
    pub(crate) async fn empty(&self) -> anyhow::Result<()> {
        let empty = "TRUNCATE turbobackend.project_actions; CHECKPOINT";
        Ok(self.client.batch_execute(empty).await?)
    }

    pub(crate) async fn rows(&self) -> anyhow::Result<usize> {
        let count = "SELECT count(*) FROM turbobackend.project_actions";
        let rows: i64 = self.client.query_one(count, &[]).await?.get(0);
        usize::try_from(rows).context("a count is no number of rows")
    }

    /// Returns the bytes of the table and its indexes for each row.
    pub(crate) async fn row_bytes(&self) -> anyhow::Result<f64> {
        let vacuum = "VACUUM turbobackend.project_actions";
        self.client.batch_execute(vacuum).await?;
        let bytes = "SELECT pg_total_relation_size('turbobackend.project_actions')::double precision / count(*) \
                     FROM turbobackend.project_actions";
        Ok(self.client.query_one(bytes, &[]).await?.get(0))
    }

    /// Copies rows by one COPY, which is the fastest way into Postgres.
    pub(crate) async fn copy(&self, activities: &[Activity]) -> anyhow::Result<()> {
        let sink = self.client.copy_in(COPY).await?;
        let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
        for activity in activities {
            let row = Row::from(activity);
            writer.as_mut().write(&row.values()).await?;
        }
        writer.finish().await?;
        Ok(())
    }

    /// Inserts each row by itself and awaits it. The statement is prepared once.
    pub(crate) async fn insert_each(&self, activities: &[Activity]) -> anyhow::Result<()> {
        let statement = self.client.prepare_typed(INSERT, &TYPES).await?;
        for activity in activities {
            let row = Row::from(activity);
            self.client.execute(&statement, &row.values()).await?;
        }
        Ok(())
    }

    /// Adds `rows` rows, and updates the statistics.
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
