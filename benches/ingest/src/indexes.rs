//! The cost of the table's indexes: the same rows by COPY into today's table and into that of the
//! build [`before`], in batches as large as the tracker's, and the bytes of a row.

use std::time::Instant;

use tracker_bench_support::{
    Figures, before,
    statistics::{Spread, median},
};
use tracker_core::Activity;

use crate::{activities::activity, extent::Extent, table::Table};

/// The name of the database with the table of the build before.
const DATABASE: &str = "before";

/// The default of the tracker's builder.
const BATCH_ROWS: usize = 4_000;

/// Copies into both tables in turns.
pub(crate) async fn measure(
    table: &Table,
    extent: &Extent,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let before = table.beside(DATABASE, &before::table()?).await?;
    let activities: Vec<_> = (0..extent.rows).map(activity).collect();
    let (mut rates, mut rates_before) = (Vec::new(), Vec::new());
    for _ in 0..extent.rounds {
        rates.push(copy(table, &activities).await?);
        rates_before.push(copy(&before, &activities).await?);
    }
    // Ratios are taken within a round, where the machine was the same for both.
    let ratios = rates.iter().zip(&rates_before);
    let ratios = Spread::of(ratios.map(|(today, before)| today / before));
    figures.set("copy_vs_before", ratios.median);
    figures.set("copy_vs_before_min", ratios.least);
    figures.set("copy_beside_rows_s", median(rates));
    figures.set("copy_before_rows_s", median(rates_before));

    let (bytes, bytes_before) = (table.row_bytes().await?, before.row_bytes().await?);
    figures.set("row_bytes", bytes);
    figures.set("row_bytes_before", bytes_before);
    figures.set("row_bytes_vs_before", bytes / bytes_before);
    Ok(())
}

/// Copies the activities into the empty table, and returns their number in a second.
#[expect(clippy::cast_precision_loss, reason = "far fewer rows")]
async fn copy(table: &Table, activities: &[Activity]) -> anyhow::Result<f64> {
    table.empty().await?;
    let began = Instant::now();
    for batch in activities.chunks(BATCH_ROWS) {
        table.copy(batch).await?;
    }
    Ok(activities.len() as f64 / began.elapsed().as_secs_f64())
}
