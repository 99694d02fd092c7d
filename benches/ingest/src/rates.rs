//! The number of activities a second that reach the table.

use std::collections::BTreeMap;

use tracker_bench_support::{
    Figures,
    statistics::{Spread, median},
};

use crate::{
    cases::{Case, Ingested},
    extent::Extent,
    table::Table,
};

/// Measures the rate of each case, as the median of the rounds. The cases take turns in a round.
pub(crate) async fn measure(
    table: &Table,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut measured: BTreeMap<&str, Vec<Ingested>> = BTreeMap::new();
    for _ in 0..extent.rounds {
        for case in Case::ALL {
            let rows = match case {
                Case::Insert => extent.awaited,
                _ => extent.rows,
            };
            table.empty().await?;
            let ingested = case.ingest(table, rows).await?;
            measured.entry(case.name()).or_default().push(ingested);
        }
    }
    for (name, ingested) in &measured {
        let rates = ingested.iter().map(Ingested::rows_per_second);
        figures.set(format!("{name}_rows_s"), median(rates));
        let cpu = ingested.iter().map(Ingested::cpu_us_per_row);
        figures.set(format!("{name}_cpu_us"), median(cpu));
    }
    let of_round = |name: &str, round: usize| measured[name][round].rows_per_second();
    for (name, base) in [
        ("memory", "copy"),
        ("process", "copy"),
        ("power", "copy"),
        ("memory", "insert"),
    ] {
        // Ratios are taken within a round, where the machine was the same for both.
        let ratios = (0..extent.rounds).map(|round| of_round(name, round) / of_round(base, round));
        let ratios = Spread::of(ratios);
        figures.set(format!("{name}_vs_{base}"), ratios.median);
        figures.set(format!("{name}_vs_{base}_min"), ratios.least);
    }
    Ok(())
}

/// Measures the tracker's rate into a large table and into a small one.
pub(crate) async fn measure_large_table(
    table: &Table,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let mut rates = [Vec::new(), Vec::new()];
    for (rates, rows) in rates.iter_mut().zip([extent.small, extent.large]) {
        table.empty().await?;
        table.fill(rows).await?;
        for _ in 0..extent.rounds {
            let ingested = Case::Memory.ingest(table, extent.rows).await?;
            rates.push(ingested.rows_per_second());
        }
    }
    let [small, large] = rates.map(median);
    figures.set("rows_s_at_100k", small);
    figures.set("rows_s_at_10m", large);
    figures.set("rate_10m_vs_100k", large / small);
    Ok(())
}
