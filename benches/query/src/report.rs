//! The figures as a table and as a picture.

use std::io::{Write as _, stdout};

use tracker_bench_support::{Bar, Figures, Plot};

use crate::questions::QUESTIONS;

/// Prints the figures as the Markdown of docs/benchmarks.md.
pub(crate) fn print_table(figures: &Figures) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "\n| over HTTP | median, ms | 99th percentile, ms |")?;
    writeln!(out, "| --- | ---: | ---: |")?;
    for (name, title) in QUESTIONS {
        let [p50, p99] = figures.percentiles(name);
        writeln!(out, "| {title} | {p50:.2} | {p99:.2} |")?;
    }
    writeln!(
        out,
        "\nThe deep page takes {:.2} of the first; in blocks, the first takes {:.2} of the plain one, and the deep {:.2}. An export gives {:.0} rows a second, with {:.0} MiB of memory. Streams take {:.0} MiB, and tell an activity after {:.0} ms \
         (median; {:.0} ms at most).",
        figures.get("deep_vs_first"),
        figures.get("first_blocks_vs_first"),
        figures.get("deep_blocks_vs_deep"),
        figures.get("export_rows_s"),
        figures.get("export_rss_mb"),
        figures.get("streams_rss_mb"),
        figures.get("streams_p50_ms"),
        figures.get("streams_max_ms"),
    )?;
    Ok(())
}

/// One bar for the median and the 99th percentile of each question.
pub(crate) fn plot(figures: &Figures) -> Plot {
    let bars = QUESTIONS.iter().map(|(name, title)| {
        let [p50, p99] = figures.percentiles(name);
        Bar {
            title: (*title).to_owned(),
            value: p50,
            high: p99,
            text: format!("{p50:.1} / {p99:.1} ms"),
        }
    });
    Plot {
        label: "Milliseconds, median and 99th percentile",
        left: 230.0,
        right: 110.0,
        bars: bars.collect(),
    }
}
