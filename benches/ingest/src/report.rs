//! The figures as tables.

use std::io::{Write as _, stdout};

use tracker_bench_support::Figures;

use crate::{cases::Case, latency};

/// Prints the figures as the Markdown of docs/benchmarks.md.
pub(crate) fn print_tables(figures: &Figures) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(
        out,
        "\n| into Postgres | activities a second | of COPY | CPU of the process, µs an activity |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: |")?;
    for case in Case::ALL {
        let name = case.name();
        let rate = figures.get(&format!("{name}_rows_s"));
        let ratio = rate / figures.get("copy_rows_s");
        let cpu = figures.get(&format!("{name}_cpu_us"));
        writeln!(
            out,
            "| {} | {rate:.0} | {ratio:.2} | {cpu:.1} |",
            case.title()
        )?;
    }
    writeln!(
        out,
        "\nmemory is {:.0} times the awaited inserts; at ten million rows the rate is {:.2} of that at a hundred thousand.",
        figures.get("memory_vs_insert"),
        figures.get("rate_10m_vs_100k"),
    )?;
    if let Some(ratio) = figures.measured("copy_vs_before") {
        writeln!(
            out,
            "\nCOPY into today's table is {ratio:.2} times as fast as into the one before ({:.0} and {:.0} rows a second), and a row takes {:.0} bytes with its indexes, {:.2} of before.",
            figures.get("copy_beside_rows_s"),
            figures.get("copy_before_rows_s"),
            figures.get("row_bytes"),
            figures.get("row_bytes_vs_before"),
        )?;
    }
    writeln!(
        out,
        "\n| a tracked call, ns | store up | store down | down / up |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: |")?;
    for percentile in latency::PERCENTILES {
        let [up, down] =
            ["up", "down"].map(|store| figures.get(&format!("{percentile}_{store}_ns")));
        writeln!(
            out,
            "| {percentile} | {up:.0} | {down:.0} | {:.2} |",
            down / up
        )?;
    }
    writeln!(
        out,
        "\nA queued activity takes {:.0} bytes.",
        figures.get("bytes_per_queued")
    )?;
    Ok(())
}
