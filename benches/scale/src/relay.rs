//! Relays beside a tracker that writes to the same Postgres directly, and how late rows are by way of a stream.

use std::{
    env,
    io::{Write as _, stdout},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use async_nats::jetstream::{self, consumer::pull};
use tokio::process::{Child, Command};
use tokio_postgres::Client;
use tracker_core::{
    ActionType, Activity, JetStreamStore, PostgresStore, Store, Tracker,
    nats::{NatsOptions, Relay, StreamSettings},
};
use tracker_tests::{
    nats::{NatsCluster, NatsOptions as ClusterOptions},
    postgres::{ExclusiveServer, ServerOptions},
};

use crate::{
    Extent, cpu, data,
    report::{Figures, ms, percentile},
};

/// The tests' servers sync nothing; this one does what a server in production does, and knows when each row was committed.
const SETTINGS: [&str; 7] = [
    "fsync=on",
    "full_page_writes=on",
    "autovacuum=on",
    "shared_buffers=1GB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "track_commit_timestamp=on",
];

/// How often what is left is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// How many activities may wait in a tracker's queue before whoever records pauses: a queue that is full drops.
const WAITING_MAX: u64 = 12_000;

pub(crate) async fn measure(extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let place = Place::start().await?;
    throughput(&place, extent, figures).await?;
    latency(&place, extent, figures).await?;
    print(figures)
}

/// A relay in a process of its own, until it is killed.
pub(crate) async fn run(nats: &str, store: &str) -> anyhow::Result<()> {
    let store = PostgresStore::new(store)?;
    let relay = Relay::builder(NatsOptions::parse(nats)?, store).build();
    Ok(relay.run(std::future::pending()).await?)
}

/// The servers.
struct Place {
    postgres: ExclusiveServer,
    client: Client,
    /// The process from which the server's others come.
    postmaster: u32,
    nats: NatsCluster,
    nats_id: u32,
    stream: jetstream::stream::Stream,
}

impl Place {
    async fn start() -> anyhow::Result<Self> {
        let (postgres, mut nats) = tokio::task::block_in_place(|| {
            let postgres = ExclusiveServer::new(&ServerOptions {
                settings: SETTINGS.map(str::to_owned).into(),
                ..ServerOptions::default()
            });
            let nats = NatsCluster::new(&ClusterOptions {
                settings: "jetstream { store_dir: jetstream, max_mem: 64MB, max_file: 4GB }"
                    .to_owned(),
                ..ClusterOptions::default()
            });
            (postgres, nats)
        });
        PostgresStore::new(postgres.url())?.migrate().await?;
        let client = data::connect(&postgres.url()).await?;
        let backend: i32 = client
            .query_one("SELECT pg_backend_pid()", &[])
            .await?
            .get(0);
        let settings = StreamSettings::default().replicas(1).bytes_max(3 << 30);
        let settings = settings.dead_letter_bytes_max(1 << 20);
        JetStreamStore::new(&nats.url())?.set_up(&settings).await?;
        let context = jetstream::new(async_nats::connect(nats.url()).await?);
        Ok(Self {
            postmaster: cpu::parent_of(u32::try_from(backend)?)?,
            postgres,
            client,
            nats_id: nats.node(0).id().context("the server runs")?,
            stream: context.get_stream("ACTIVITIES").await?,
            nats,
        })
    }

    /// Begins each measurement with an empty table and nothing left to be written to the disk.
    async fn empty(&self) -> anyhow::Result<()> {
        let empty = "TRUNCATE turbobackend.project_actions; CHECKPOINT";
        Ok(self.client.batch_execute(empty).await?)
    }

    async fn rows(&self) -> anyhow::Result<usize> {
        let count = "SELECT count(*) FROM turbobackend.project_actions";
        let rows: i64 = self.client.query_one(count, &[]).await?.get(0);
        Ok(usize::try_from(rows)?)
    }

    fn relay(&self) -> anyhow::Result<Child> {
        let child = Command::new(env::current_exe()?)
            .args(["--relay", &self.nats.url(), &self.postgres.url()])
            .kill_on_drop(true)
            .spawn()?;
        Ok(child)
    }
}

/// What one measurement of throughput says.
#[derive(Clone, Copy, Default)]
struct Measured {
    rows_s: f64,
    /// CPU time for each activity, in µs.
    relay_cpu: f64,
    nats_cpu: f64,
    postgres_cpu: f64,
}

async fn throughput(place: &Place, extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..extent.rounds {
        place.empty().await?;
        rates[0].push(direct(place, extent.relayed).await?);
        for relays in [1, 2] {
            place.empty().await?;
            publish(place, extent.relayed, figures).await?;
            rates[relays].push(relayed(place, extent.relayed, relays).await?);
        }
    }
    let [direct, one, two] = &rates;
    let ratio = |of: &[Measured], base: &[Measured]| {
        // Within a round, where the machine was the same for both.
        median(
            of.iter()
                .zip(base)
                .map(|(of, base)| of.rows_s / base.rows_s),
        )
    };
    figures.insert("relay_vs_direct".to_owned(), ratio(one, direct));
    figures.insert("two_relays_vs_one".to_owned(), ratio(two, one));
    for (name, measured) in [("direct", direct), ("relay", one), ("two_relays", two)] {
        let rates = measured.iter().map(|measured| measured.rows_s);
        figures.insert(format!("{name}_rows_s"), median(rates));
    }
    for (name, cpu) in [
        (
            "relay_cpu_us",
            one.iter().map(|one| one.relay_cpu).collect(),
        ),
        (
            "relay_nats_cpu_us",
            one.iter().map(|one| one.nats_cpu).collect(),
        ),
        (
            "relay_postgres_cpu_us",
            one.iter().map(|one| one.postgres_cpu).collect(),
        ),
        (
            "direct_cpu_us",
            direct.iter().map(|one| one.relay_cpu).collect::<Vec<_>>(),
        ),
    ] {
        figures.insert(name.to_owned(), median(cpu));
    }
    sizes(place, extent, figures).await
}

/// A tracker whose store is the Postgres.
async fn direct(place: &Place, rows: usize) -> anyhow::Result<Measured> {
    let store = PostgresStore::new(place.postgres.url())?;
    let tracker = Tracker::builder().store(store).build()?;
    let (began, cpu) = (Instant::now(), cpu::of_process(std::process::id())?);
    record(&tracker, rows).await;
    tracker.flush().await;
    let time = began.elapsed();
    let cpu = cpu::of_process(std::process::id())? - cpu;
    ensure!(place.rows().await? == rows, "rows are missing");
    Ok(Measured {
        rows_s: rate(rows, time),
        relay_cpu: each(rows, cpu),
        ..Measured::default()
    })
}

async fn record(tracker: &Tracker, rows: usize) {
    for number in 0..rows {
        tracker.record(activity(number));
        if number % 64 == 0 {
            while tracker.stats().queued > WAITING_MAX {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
}

/// Fills the stream, as a tracker of a worker does.
async fn publish(place: &Place, rows: usize, figures: &mut Figures) -> anyhow::Result<()> {
    let tracker = Tracker::builder()
        .store(JetStreamStore::new(&place.nats.url())?)
        .build()?;
    let own = std::process::id();
    let before = [cpu::of_process(own)?, cpu::of_process(place.nats_id)?];
    let began = Instant::now();
    record(&tracker, rows).await;
    tracker.flush().await;
    let time = began.elapsed();
    let after = [cpu::of_process(own)?, cpu::of_process(place.nats_id)?];
    ensure!(
        tracker.stats().dropped.total() == 0,
        "{:?}",
        tracker.stats()
    );
    figures.insert("publish_rows_s".to_owned(), rate(rows, time));
    for (at, name) in ["publish_cpu_us", "publish_nats_cpu_us"].iter().enumerate() {
        figures.insert((*name).to_owned(), each(rows, after[at] - before[at]));
    }
    Ok(())
}

/// Empties the stream into the table. The relays' start is not counted.
async fn relayed(place: &Place, rows: usize, relays: usize) -> anyhow::Result<Measured> {
    let mut stream = Looking(place.stream.clone());
    let (taken_before, _) = stream.progress().await?;
    let cpu = |place: &Place| -> anyhow::Result<[f64; 2]> {
        Ok([
            cpu::of_process(place.nats_id)?,
            cpu::of_family(place.postmaster)?,
        ])
    };
    let before = cpu(place)?;
    let relays: Vec<_> = (0..relays)
        .map(|_| place.relay())
        .collect::<Result<_, _>>()?;
    while stream.progress().await?.0 == taken_before {
        tokio::time::sleep(LOOK).await;
    }
    let began = Instant::now();
    while stream.progress().await?.1 > 0 {
        tokio::time::sleep(LOOK).await;
    }
    let time = began.elapsed();
    let after = cpu(place)?;
    let mut own = 0.0;
    for relay in &relays {
        own += cpu::of_process(relay.id().context("it runs")?)?;
    }
    for mut relay in relays {
        relay.kill().await?;
    }
    ensure!(place.rows().await? == rows, "rows are missing");
    Ok(Measured {
        rows_s: rate(rows, time),
        relay_cpu: each(rows, own),
        nats_cpu: each(rows, after[0] - before[0]),
        postgres_cpu: each(rows, after[1] - before[1]),
    })
}

/// What an activity takes: in the stream, in the log of Postgres, and in the table with its indexes.
async fn sizes(place: &Place, extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let rows = extent.relayed.min(50_000);
    place.empty().await?;
    publish(place, rows, &mut Figures::new()).await?;
    let mut stream = place.stream.clone();
    let state = stream.info().await?.state.clone();
    let position = || async {
        let position = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint";
        Ok::<i64, anyhow::Error>(place.client.query_one(position, &[]).await?.get(0))
    };
    let before = position().await?;
    relayed(place, rows, 1).await?;
    let after = position().await?;
    let size = "SELECT pg_total_relation_size('turbobackend.project_actions')";
    let size: i64 = place.client.query_one(size, &[]).await?.get(0);
    #[expect(clippy::cast_precision_loss, reason = "far fewer bytes")]
    for (name, bytes) in [
        ("stream_bytes", state.bytes as f64),
        ("wal_bytes", (after - before) as f64),
        ("table_bytes", size as f64),
    ] {
        figures.insert(name.to_owned(), bytes / rows as f64);
    }
    Ok(())
}

/// From the end of the function to the commit of its row, by way of a tracker, the stream and a relay with all defaults.
async fn latency(place: &Place, extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let mut relay = place.relay()?;
    for (prefix, each_second) in [("", 20), ("loaded_", extent.loaded_s)] {
        place.empty().await?;
        let tracker = Tracker::builder()
            .store(JetStreamStore::new(&place.nats.url())?)
            .build()?;
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / each_second);
        let began = Instant::now();
        let mut rows = 0;
        while began.elapsed() < extent.latency {
            ticks.tick().await;
            let now = std::time::SystemTime::now();
            let now = now.duration_since(std::time::UNIX_EPOCH)?.as_micros();
            tracker.record(activity(rows).details(now.to_string()));
            rows += 1;
        }
        tracker.flush().await;
        while place.rows().await? < rows {
            tokio::time::sleep(LOOK).await;
        }
        let late = "SELECT (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint - action_details::bigint \
                    FROM turbobackend.project_actions";
        let late = place.client.query(late, &[]).await?;
        let micros = late.iter().map(|row| row.get::<_, i64>(0));
        let mut times: Vec<_> = micros
            .map(|micros| Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
            .collect();
        for (name, fraction) in [("p50_ms", 0.5), ("p99_ms", 0.99)] {
            figures.insert(format!("{prefix}{name}"), percentile(&mut times, fraction));
        }
        figures.insert(
            format!("{prefix}max_ms"),
            times.last().map_or(f64::NAN, |time| ms(*time)),
        );
    }
    figures.insert("loaded_s".to_owned(), extent.loaded_s.into());
    relay.kill().await?;
    Ok(())
}

/// The stream, which is asked again and again.
struct Looking(jetstream::stream::Stream);

impl Looking {
    /// How many messages relays have been given, and how many are left.
    async fn progress(&mut self) -> anyhow::Result<(u64, u64)> {
        let consumer = self.0.get_consumer::<pull::Config>("relay").await;
        let consumer = consumer.map_err(|error| anyhow::anyhow!(error))?;
        let info = consumer.cached_info();
        let left = info.num_pending + info.num_ack_pending as u64;
        Ok((info.delivered.consumer_sequence, left))
    }
}

fn activity(number: usize) -> Activity {
    Activity::new(ActionType::Deployment)
        .user_id(format_args!("user_{:032x}", number % 1_000))
        .request_id(format_args!("req_{number:032x}"))
        .project_id(format_args!("project_{:032x}", number % 1_000))
        .details("deployed registry.example.org/rooms/api:1 to https://rooms.example.org")
        .environment("production")
        .reference("deployment_id", format_args!("deploy_{number:032x}"))
}

#[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
fn rate(rows: usize, time: Duration) -> f64 {
    rows as f64 / time.as_secs_f64()
}

/// µs for each.
#[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
fn each(rows: usize, cpu_seconds: f64) -> f64 {
    cpu_seconds * 1e6 / rows as f64
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Prints the figures as the Markdown of docs/benchmarks.md.
fn print(figures: &Figures) -> anyhow::Result<()> {
    let figure = |name: &str| figures.get(name).copied().unwrap_or(f64::NAN);
    let mut out = stdout().lock();
    writeln!(
        out,
        "\n| into Postgres | activities a second | of the first |"
    )?;
    writeln!(out, "| --- | ---: | ---: |")?;
    for (name, title) in [
        ("direct", "a tracker, directly"),
        ("relay", "one relay, out of a full stream"),
        ("two_relays", "two relays"),
    ] {
        let rate = figure(&format!("{name}_rows_s"));
        writeln!(
            out,
            "| {title} | {rate:.0} | {:.2} |",
            rate / figure("direct_rows_s")
        )?;
    }
    writeln!(out, "\n| an activity takes | |\n| --- | ---: |")?;
    for (name, title) in [
        ("publish_cpu_us", "CPU of the worker that publishes, µs"),
        (
            "publish_nats_cpu_us",
            "CPU of the NATS server that takes it in, µs",
        ),
        (
            "relay_nats_cpu_us",
            "CPU of the NATS server that gives it out, µs",
        ),
        ("relay_cpu_us", "CPU of the relay, µs"),
        ("relay_postgres_cpu_us", "CPU of Postgres, µs"),
        ("stream_bytes", "bytes in the stream, for each replica"),
        ("wal_bytes", "bytes of write-ahead log"),
        ("table_bytes", "bytes of the table and its indexes"),
    ] {
        writeln!(out, "| {title} | {:.0} |", figure(name))?;
    }
    writeln!(out, "\n| from the function to the row, ms | median | p99 |")?;
    writeln!(out, "| --- | ---: | ---: |")?;
    writeln!(
        out,
        "| idle, 20 a second | {:.0} | {:.0} |\n| loaded, {:.0} a second | {:.0} | {:.0} |",
        figure("p50_ms"),
        figure("p99_ms"),
        figure("loaded_s"),
        figure("loaded_p50_ms"),
        figure("loaded_p99_ms"),
    )?;
    Ok(())
}
