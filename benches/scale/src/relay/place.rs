//! The servers that relays connect: [`Place`].

use std::{env, process::Stdio, time::Duration};

use anyhow::Context as _;
use async_nats::jetstream::{self, consumer::pull};
use tokio::process::{Child, Command};
use tokio_postgres::Client;
use tracker_bench_support::postgres::production;
use tracker_core::{JetStreamStore, PostgresStore, Store, Tracker, nats::StreamSettings};
use tracker_tests::{
    nats::{NatsCluster, NatsOptions},
    postgres::{ExclusiveServer, ServerOptions},
};

use crate::{
    cores::{Cores, Sharing},
    cpu, data,
};

/// The interval at which progress is read.
pub(super) const LOOK: Duration = Duration::from_millis(50);

/// A Postgres, and NATS servers.
pub(super) struct Place {
    pub(super) postgres: ExclusiveServer,
    client: Client,
    /// The postmaster, the parent of the server's other processes.
    postmaster: u32,
    nats: NatsCluster,
    /// The processes of NATS, the leader of the stream first.
    nats_ids: Vec<u32>,
    stream: jetstream::stream::Stream,
    cores: Cores,
}

impl Place {
    /// Starts Postgres and `nodes` NATS servers, each with a replica of the stream.
    pub(super) async fn start(nodes: usize) -> anyhow::Result<Self> {
        let (postgres, mut nats) = tokio::task::block_in_place(|| {
            // The server records the time of each commit.
            let mut settings = production();
            settings.push("track_commit_timestamp=on".to_owned());
            let postgres = ExclusiveServer::new(&ServerOptions {
                settings,
                ..ServerOptions::default()
            });
            let nats = NatsCluster::new(&NatsOptions {
                nodes,
                settings: "jetstream { store_dir: jetstream, max_mem: 64MB, max_file: 4GB }"
                    .to_owned(),
                ..NatsOptions::default()
            });
            (postgres, nats)
        });
        PostgresStore::new(postgres.url())?.migrate().await?;
        let client = data::connect(&postgres.url()).await?;
        let backend: i32 = client
            .query_one("SELECT pg_backend_pid()", &[])
            .await?
            .get(0);
        let settings = StreamSettings::default().replicas(nodes);
        let settings = settings.bytes_max(3 << 30).dead_letter_bytes_max(1 << 20);
        JetStreamStore::new(&nats.url())?.set_up(&settings).await?;
        let context = jetstream::new(async_nats::connect(nats.urls()).await?);
        let leader = tokio::task::block_in_place(|| nats.stream_leader("ACTIVITIES"));
        let ids = (0..nodes).map(|at| nats.node((leader + at) % nodes).id());
        Ok(Self {
            nats_ids: ids.collect::<Option<_>>().context("all servers run")?,
            postmaster: cpu::parent_of(u32::try_from(backend)?)?,
            postgres,
            client,
            stream: context.get_stream("ACTIVITIES").await?,
            nats,
            cores: Cores::new()?,
        })
    }

    pub(super) fn share(&self, sharing: Sharing) -> anyhow::Result<()> {
        self.cores.share(sharing, self.postmaster, &self.nats_ids)
    }

    /// Empties the table, and leaves nothing to be written to the disk.
    pub(super) async fn empty(&self) -> anyhow::Result<()> {
        let empty = "TRUNCATE turbobackend.project_actions; CHECKPOINT";
        Ok(self.client.batch_execute(empty).await?)
    }

    /// Returns a number that Postgres answers.
    pub(super) async fn ask(&self, question: &str) -> anyhow::Result<i64> {
        Ok(self.client.query_one(question, &[]).await?.get(0))
    }

    pub(super) async fn rows(&self) -> anyhow::Result<usize> {
        let count = "SELECT count(*) FROM turbobackend.project_actions";
        Ok(usize::try_from(self.ask(count).await?)?)
    }

    /// Returns the delay of each row's commit after the end of its function.
    pub(super) async fn delays(&self) -> anyhow::Result<Vec<Duration>> {
        let late = "SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint - action_details::bigint \
                    FROM turbobackend.project_actions";
        let late = self.client.query(late, &[]).await?;
        let micros = late.iter().map(|row| row.get::<_, i64>(0));
        Ok(micros
            .map(|micros| Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
            .collect())
    }

    /// Starts a relay in a process of its own.
    pub(super) fn relay(&self) -> anyhow::Result<Child> {
        let child = Command::new(env::current_exe()?)
            .args(["--relay", &self.nats.url(), &self.postgres.url()])
            .stdin(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        Ok(child)
    }

    /// Returns a tracker that publishes to the stream.
    pub(super) fn publisher(&self) -> anyhow::Result<Tracker> {
        let store = JetStreamStore::new(&self.nats.url())?;
        Ok(Tracker::builder().store(store).build()?)
    }

    /// Returns the bytes of the stream on each server.
    pub(super) async fn stream_bytes(&self) -> anyhow::Result<u64> {
        let mut stream = self.stream.clone();
        Ok(stream.info().await?.state.bytes)
    }

    /// Returns the number of messages that relays have received so far, and of those that are left.
    pub(super) async fn progress(&self) -> anyhow::Result<(u64, u64)> {
        let consumer = self.stream.get_consumer::<pull::Config>("relay").await;
        let consumer = consumer.map_err(|error| anyhow::anyhow!(error))?;
        let info = consumer.cached_info();
        let left = info.num_pending + info.num_ack_pending as u64;
        Ok((info.delivered.consumer_sequence, left))
    }

    /// Returns the processor time of all processes so far.
    pub(super) fn used(&self) -> anyhow::Result<Used> {
        let followers = self.nats_ids[1..].iter().copied().map(cpu::of_process);
        Ok(Used {
            own: cpu::of_process(std::process::id())?,
            leader: cpu::of_process(self.nats_ids[0])?,
            followers: followers.sum::<anyhow::Result<f64>>()?,
            postgres: cpu::of_family(self.postmaster)?,
        })
    }
}

/// Seconds of processor time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Used {
    pub(super) own: f64,
    pub(super) leader: f64,
    pub(super) followers: f64,
    pub(super) postgres: f64,
}

impl Used {
    /// Returns the processor time since `before`, in µs for each of `count`.
    pub(super) fn each(self, before: Self, count: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
        let each = |after: f64, before: f64| (after - before) * 1e6 / count as f64;
        Self {
            own: each(self.own, before.own),
            leader: each(self.leader, before.leader),
            followers: each(self.followers, before.followers),
            postgres: each(self.postgres, before.postgres),
        }
    }
}
