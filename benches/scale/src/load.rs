//! Writers that run beside a measurement.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::ensure;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use tracker_core::{ActionType, Activity, PostgresStore, Store};

use crate::data;

/// The number of writers, each with one write under way at a time.
const WRITERS: u32 = 4;

/// The project of the written activities.
pub(crate) const PROJECT: &str = "project_load";

/// Writers of single activities at a steady rate.
pub(crate) struct Load {
    is_over: Arc<AtomicBool>,
    writers: Vec<JoinHandle<anyhow::Result<Vec<Duration>>>>,
    began: Instant,
}

/// The outcome of the writers.
pub(crate) struct Written {
    /// The time of each write.
    pub(crate) times: Vec<Duration>,
    pub(crate) writes_s: f64,
}

impl Load {
    pub(crate) fn start(url: &str, schema: &str, writes_s: u32) -> anyhow::Result<Self> {
        let is_over = Arc::new(AtomicBool::new(false));
        let pause = Duration::from_secs(1) * WRITERS / writes_s;
        let writers = (0..WRITERS).map(|_| {
            let store = data::store(url, schema)?;
            Ok(tokio::spawn(write(store, pause, Arc::clone(&is_over))))
        });
        Ok(Self {
            writers: writers.collect::<anyhow::Result<_>>()?,
            is_over,
            began: Instant::now(),
        })
    }

    /// Ends the writers, and checks that each of their activities is there once.
    #[expect(clippy::cast_precision_loss, reason = "far fewer writes")]
    pub(crate) async fn end(self, url: &str, schema: &str) -> anyhow::Result<Written> {
        self.is_over.store(true, Ordering::Relaxed);
        let mut times = Vec::new();
        for writer in self.writers {
            times.extend(writer.await??);
        }
        let seconds = self.began.elapsed().as_secs_f64();
        let count = format!(
            "SELECT count(*), count(DISTINCT action_id) FROM {schema}.project_actions WHERE project_id = '{PROJECT}'"
        );
        let row = data::connect(url).await?.query_one(&count, &[]).await?;
        let (rows, ids): (i64, i64) = (row.get(0), row.get(1));
        let written = i64::try_from(times.len())?;
        ensure!(
            (rows, ids) == (written, written),
            "{written} written, {rows} found, {ids} of them different"
        );
        Ok(Written {
            writes_s: times.len() as f64 / seconds,
            times,
        })
    }
}

async fn write(
    store: PostgresStore,
    pause: Duration,
    is_over: Arc<AtomicBool>,
) -> anyhow::Result<Vec<Duration>> {
    let mut times = Vec::new();
    let mut ticks = interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while !is_over.load(Ordering::Relaxed) {
        ticks.tick().await;
        let activity = Activity::new(ActionType::Deployment)
            .project_id(PROJECT)
            .reference("deployment_id", times.len());
        let began = Instant::now();
        store.write(vec![activity].into()).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}
