//! The activities a second that reach the table, directly and through a stream, and the cost of
//! each.

use std::{
    io::{Write as _, stderr},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use tracker_bench_publish::record;
use tracker_bench_support::{Figures, statistics::median};
use tracker_core::{PostgresStore, Tracker};

use super::place::{LOOK, Place, Used};
use crate::{cores::Sharing, cpu, extent::Extent};

/// The result of one measurement.
#[derive(Clone, Copy, Default)]
struct Measured {
    rows_s: f64,
    /// The processor time of an activity, in µs.
    used: Used,
    relay_us: f64,
    /// The share of the time for which Postgres used a processor.
    postgres_busy: f64,
}

/// Measures the direct way, and one and two relays, in rounds, so that the machine is the same for
/// all.
pub(super) async fn measure(
    place: &Place,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    for (sharing, prefix) in [(Sharing::All, ""), (Sharing::Apart, "apart_")] {
        place.share(sharing)?;
        let mut measured = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..extent.rounds {
            place.empty().await?;
            measured[0].push(direct(place, extent.relayed).await?);
            for relays in [1, 2] {
                place.empty().await?;
                publish(place, extent.relayed).await?;
                measured[relays].push(relayed(place, extent.relayed, relays).await?);
            }
            let rates = measured
                .each_ref()
                .map(|of| of.last().map_or(0.0, |of| of.rows_s));
            writeln!(stderr(), "{sharing:?}: {rates:.0?} a second")?;
        }
        insert(&measured, prefix, figures);
    }
    place.share(Sharing::All)?;
    units(place, extent, figures).await
}

fn insert([direct, one, two]: &[Vec<Measured>; 3], prefix: &str, figures: &mut Figures) {
    let mut insert = |name: &str, value| figures.set(format!("{prefix}{name}"), value);
    let ratio = |of: &[Measured], base: &[Measured]| {
        // Ratios are taken within a round, where the machine was the same for both.
        let pairs = of.iter().zip(base);
        median(pairs.map(|(of, base)| of.rows_s / base.rows_s))
    };
    insert("relay_vs_direct", ratio(one, direct));
    insert("two_relays_vs_one", ratio(two, one));
    for (name, measured) in [("direct", direct), ("relay", one), ("two_relays", two)] {
        let of = |value: fn(&Measured) -> f64| median(measured.iter().map(value));
        insert(&format!("{name}_rows_s"), of(|one| one.rows_s));
        insert(
            &format!("{name}_postgres_busy"),
            of(|one| one.postgres_busy),
        );
        insert(
            &format!("{name}_postgres_cpu_us"),
            of(|one| one.used.postgres),
        );
    }
    insert(
        "direct_cpu_us",
        median(direct.iter().map(|one| one.used.own)),
    );
    insert("relay_cpu_us", median(one.iter().map(|one| one.relay_us)));
    insert(
        "relay_nats_cpu_us",
        median(one.iter().map(|one| one.used.leader)),
    );
}

/// Records to a tracker whose store is the Postgres.
async fn direct(place: &Place, rows: usize) -> anyhow::Result<Measured> {
    let store = PostgresStore::new(place.postgres.url())?;
    let tracker = Tracker::builder().store(store).build()?;
    let measured = recorded(place, &tracker, rows).await?;
    ensure!(place.rows().await? == rows, "rows are missing");
    Ok(measured)
}

/// Fills the stream by the tracker of a worker.
async fn publish(place: &Place, rows: usize) -> anyhow::Result<Measured> {
    recorded(place, &place.publisher()?, rows).await
}

/// Measures until a tracker has brought `rows` activities to its store.
async fn recorded(place: &Place, tracker: &Tracker, rows: usize) -> anyhow::Result<Measured> {
    let (began, before) = (Instant::now(), place.used()?);
    record(tracker, rows).await?;
    let (time, after) = (began.elapsed(), place.used()?);
    Ok(Measured::new(rows, time, before, after))
}

/// Empties the stream into the table. The start of the relays is not counted.
async fn relayed(place: &Place, rows: usize, relays: usize) -> anyhow::Result<Measured> {
    let (taken_before, _) = place.progress().await?;
    let before = place.used()?;
    let relays: Vec<_> = (0..relays)
        .map(|_| place.relay())
        .collect::<Result<_, _>>()?;
    while place.progress().await?.0 == taken_before {
        tokio::time::sleep(LOOK).await;
    }
    let began = Instant::now();
    while place.progress().await?.1 > 0 {
        tokio::time::sleep(LOOK).await;
    }
    let (time, after) = (began.elapsed(), place.used()?);
    let mut own = 0.0;
    for relay in &relays {
        own += cpu::of_process(relay.id().context("it runs")?)?;
    }
    for mut relay in relays {
        relay.kill().await?;
    }
    ensure!(place.rows().await? == rows, "rows are missing");
    let measured = Measured::new(rows, time, before, after);
    Ok(Measured {
        relay_us: each(own, rows),
        ..measured
    })
}

impl Measured {
    fn new(rows: usize, time: Duration, before: Used, after: Used) -> Self {
        let seconds = time.as_secs_f64();
        Self {
            rows_s: 1e6 / each(seconds, rows),
            used: after.each(before, rows),
            relay_us: 0.0,
            postgres_busy: (after.postgres - before.postgres) / seconds,
        }
    }
}

/// Measures the cost of an activity: of the processors while it is published, in the stream, in the
/// log of Postgres, and in the table with its indexes.
async fn units(place: &Place, extent: &Extent, figures: &mut Figures) -> anyhow::Result<()> {
    let rows = extent.relayed.min(100_000);
    place.empty().await?;
    let published = publish(place, rows).await?;
    figures.set("publish_rows_s", published.rows_s);
    figures.set("publish_cpu_us", published.used.own);
    figures.set("publish_nats_cpu_us", published.used.leader);
    let stream = place.stream_bytes().await?;
    let position = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint";
    let before = place.ask(position).await?;
    relayed(place, rows, 1).await?;
    let after = place.ask(position).await?;
    let table = "SELECT pg_total_relation_size('turbobackend.project_actions')";
    let table = place.ask(table).await?;
    #[expect(clippy::cast_precision_loss, reason = "far fewer bytes")]
    for (name, bytes) in [
        ("stream_bytes", stream as f64),
        ("wal_bytes", (after - before) as f64),
        ("table_bytes", table as f64),
    ] {
        figures.set(name, bytes / rows as f64);
    }
    Ok(())
}

/// Measures the same with a stream on three servers, all on this machine.
pub(super) async fn replicated(
    place: &Place,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let (mut published, mut brought) = (Vec::new(), Vec::new());
    for _ in 0..extent.rounds {
        place.empty().await?;
        published.push(publish(place, extent.relayed).await?);
        brought.push(relayed(place, extent.relayed, 1).await?);
    }
    for (name, measured) in [("publish", published), ("relay", brought)] {
        let of = |value: fn(&Measured) -> f64| median(measured.iter().map(value));
        let mut insert = |suffix: &str, value| {
            figures.set(format!("three_replicas_{name}_{suffix}"), value);
        };
        insert("rows_s", of(|one| one.rows_s));
        insert("leader_cpu_us", of(|one| one.used.leader));
        // There are two followers.
        insert("follower_cpu_us", of(|one| one.used.followers / 2.0));
    }
    Ok(())
}

/// Returns the µs of each row.
#[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
fn each(seconds: f64, rows: usize) -> f64 {
    seconds * 1e6 / rows as f64
}
