//! Relays, beside a tracker that writes to the same Postgres directly, and the delay of rows that
//! pass through a stream.

mod latency;
mod place;
mod throughput;

use std::io::{Write, stdout};

use tokio::io::AsyncReadExt as _;
use tracker_bench_support::Figures;
use tracker_core::{
    PostgresStore,
    nats::{NatsOptions, Relay},
};

use self::place::Place;
use crate::extent::Extent;

pub(crate) async fn measure(extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let place = Place::start(1).await?;
    throughput::measure(&place, extent, figures).await?;
    latency::measure(&place, extent, figures).await?;
    drop(place);
    throughput::replicated(&Place::start(3).await?, extent, figures).await?;
    print(figures)
}

/// Runs a relay until it is killed or its parent process has ended.
pub(crate) async fn run(nats: &str, store: &str) -> anyhow::Result<()> {
    let store = PostgresStore::new(store)?;
    let relay = Relay::builder(NatsOptions::parse(nats)?, store).build();
    let end = async {
        let mut rest = Vec::new();
        let _ = tokio::io::stdin().read_to_end(&mut rest).await;
    };
    Ok(relay.run(end).await?)
}

/// Prints the figures as the Markdown of docs/benchmarks.md.
fn print(figures: &Figures) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    print_rates(&mut out, figures)?;
    print_costs(&mut out, figures)?;
    writeln!(out, "\n| from the function to the row, ms | median | p99 |")?;
    writeln!(out, "| --- | ---: | ---: |")?;
    writeln!(
        out,
        "| idle, 20 a second | {:.0} | {:.0} |\n| loaded, {:.0} a second | {:.0} | {:.0} |",
        figures.get("p50_ms"),
        figures.get("p99_ms"),
        figures.get("loaded_s"),
        figures.get("loaded_p50_ms"),
        figures.get("loaded_p99_ms"),
    )?;
    Ok(())
}

/// Prints the rate of each way into Postgres.
fn print_rates(out: &mut impl Write, figures: &Figures) -> anyhow::Result<()> {
    for (prefix, title) in [
        ("", "all share the machine"),
        ("apart_", "Postgres has a core, all else another one"),
    ] {
        writeln!(
            out,
            "\n| into Postgres; {title} | activities a second | of the first | Postgres works |"
        )?;
        writeln!(out, "| --- | ---: | ---: | ---: |")?;
        for (name, title) in [
            ("direct", "a tracker, directly"),
            ("relay", "one relay, out of a full stream"),
            ("two_relays", "two relays"),
        ] {
            let rate = figures.get(&format!("{prefix}{name}_rows_s"));
            writeln!(
                out,
                "| {title} | {rate:.0} | {:.2} | {:.0} % of a core |",
                rate / figures.get(&format!("{prefix}direct_rows_s")),
                100.0 * figures.get(&format!("{prefix}{name}_postgres_busy")),
            )?;
        }
    }
    Ok(())
}

/// Prints the cost of an activity.
fn print_costs(out: &mut impl Write, figures: &Figures) -> anyhow::Result<()> {
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
        (
            "three_replicas_publish_leader_cpu_us",
            "of three replicas: CPU of the leader that takes it in, µs",
        ),
        (
            "three_replicas_publish_follower_cpu_us",
            "CPU of each that follows, µs",
        ),
        (
            "three_replicas_relay_leader_cpu_us",
            "CPU of the leader that gives it out, µs",
        ),
        (
            "three_replicas_relay_follower_cpu_us",
            "CPU of each that follows, µs",
        ),
        ("stream_bytes", "bytes in the stream, for each replica"),
        ("wal_bytes", "bytes of write-ahead log"),
        ("table_bytes", "bytes of the table and its indexes"),
    ] {
        writeln!(out, "| {title} | {:.0} |", figures.get(name))?;
    }
    Ok(())
}
