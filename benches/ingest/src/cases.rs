//! The ways into the table.

use std::time::{Duration, Instant};

use anyhow::ensure;
use cpu_time::ProcessTime;
use futures_util::future::try_join_all;
use tracker_core::{Durability, PostgresStore, Tracker};

use crate::{
    activities::{activity, call_all},
    table::Table,
};

/// A way into the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Case {
    /// One COPY of rows that were made before.
    Copy,
    /// The tracker with its defaults.
    Memory,
    /// The tracker with a journal that survives a killed process.
    Process,
    /// The tracker with a journal that is synced.
    Power,
    /// Single inserts, each awaited, as in a worker without a tracker.
    Insert,
}

/// The outcome of a case.
pub(crate) struct Ingested {
    rows: usize,
    wall: Duration,
    cpu: Duration,
}

impl Ingested {
    #[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
    pub(crate) fn rows_per_second(&self) -> f64 {
        self.rows as f64 / self.wall.as_secs_f64()
    }

    #[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
    pub(crate) fn cpu_us_per_row(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.rows as f64
    }
}

impl Case {
    pub(crate) const ALL: [Self; 5] = [
        Self::Copy,
        Self::Memory,
        Self::Process,
        Self::Power,
        Self::Insert,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Memory => "memory",
            Self::Process => "process",
            Self::Power => "power",
            Self::Insert => "insert",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Copy => "one binary COPY of rows made before",
            Self::Memory => "the tracker, in memory",
            Self::Process => "the tracker, with a journal (`Process`)",
            Self::Power => "the tracker, with a synced journal (`Power`)",
            Self::Insert => "one awaited insert for each",
        }
    }

    /// Writes `rows` rows into the table, and checks that they are there.
    pub(crate) async fn ingest(self, table: &Table, rows: usize) -> anyhow::Result<Ingested> {
        let before = table.rows().await?;
        let ingested = match self {
            Self::Copy => {
                let activities: Vec<_> = (0..rows).map(activity).collect();
                timed(rows, table.copy(&activities)).await?
            }
            Self::Insert => {
                let activities: Vec<_> = (0..rows).map(activity).collect();
                timed(rows, table.insert_each(&activities)).await?
            }
            Self::Memory => through_tracker(table, rows, None).await?,
            Self::Process => through_tracker(table, rows, Some(Durability::Process)).await?,
            Self::Power => through_tracker(table, rows, Some(Durability::Power)).await?,
        };
        let written = table.rows().await? - before;
        ensure!(written == rows, "{written} of {rows} rows were written");
        Ok(ingested)
    }
}

async fn timed(
    rows: usize,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<Ingested> {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    work.await?;
    Ok(Ingested {
        rows,
        wall: wall.elapsed(),
        cpu: cpu.elapsed(),
    })
}

/// The number of tasks that call the tracked function, and the most queued activities before a task
/// pauses: a full queue drops activities.
const TASKS: usize = 4;
const WAITING_MAX: u64 = 12_000;

async fn through_tracker(
    table: &Table,
    rows: usize,
    durability: Option<Durability>,
) -> anyhow::Result<Ingested> {
    let journal = tempfile::tempdir_in("target")?;
    let mut builder = Tracker::builder().store(PostgresStore::new(&table.url)?);
    if let Some(durability) = durability {
        builder = builder.journal(journal.path()).durability(durability);
    }
    let tracker = builder.build()?;
    let ingested = timed(rows, async {
        let tasks = (0..TASKS).map(|task| {
            let tracker = tracker.clone();
            let numbers = (task..rows).step_by(TASKS);
            tokio::spawn(async move {
                let calls = tracker.clone();
                calls.scope(call_all(tracker, numbers, WAITING_MAX)).await;
            })
        });
        try_join_all(tasks).await?;
        tracker.flush().await;
        Ok(())
    })
    .await?;
    let stats = tracker.stats();
    ensure!(
        stats.dropped.total() == 0,
        "activities were dropped: {stats:?}"
    );
    Ok(ingested)
}
