//! `call-report [--quick]` reads the results of criterion in `target/bench/criterion`, and measures
//! future sizes, instruction counts, two threads and build times itself. It prints the tables and
//! writes `target/bench/call.json`, or `call-quick.json`. The quick form has no figures of the
//! build before.
//!
//! `scripts/bench call` runs it, in the workspace's root.

mod build_time;
mod goals;
mod held_store;
mod instructions;
mod times;
mod two_threads;

use std::{
    env,
    io::{Write, stdout},
    path::Path,
};

use anyhow::bail;
use tracker_bench_support::{FOLDER, Figures};
use tracker_benches::{
    cases,
    future_size::{self, FutureSizes},
};

use crate::{build_time::Crates, goals::GOALS, instructions::CASES_BEFORE, two_threads::Chunks};

/// The amount of work that is measured.
struct Extent {
    timed_calls: u32,
    counted_calls: u32,
    chunks: Chunks,
    crates: Crates,
}

const FULL: Extent = Extent {
    timed_calls: 400_000,
    counted_calls: 4_000,
    chunks: Chunks {
        rounds: 9,
        in_round: 100,
    },
    crates: Crates {
        functions: 1_000,
        rounds: 5,
    },
};

const QUICK: Extent = Extent {
    timed_calls: 10_000,
    counted_calls: 1_000,
    chunks: Chunks {
        rounds: 2,
        in_round: 10,
    },
    crates: Crates {
        functions: 50,
        rounds: 1,
    },
};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let quick = match &*arguments {
        [] => false,
        [flag] if flag == "--quick" => true,
        _ => bail!("usage: call-report [--quick]"),
    };
    let folder = Path::new(FOLDER);

    let extent = if quick { QUICK } else { FULL };
    let is_compared = !quick;

    let mut figures = Figures::new();
    times::read(folder, extent.timed_calls, is_compared, &mut figures)?;
    add_future_sizes(&mut figures);
    let counted = instructions::count(
        &folder.join("callgrind"),
        extent.counted_calls,
        is_compared,
        &mut figures,
    )?;
    two_threads::measure(extent.chunks, &mut figures)?;
    build_time::measure(&folder.join("build"), extent.crates, &mut figures)?;

    figures.set_goals(&GOALS);
    let file = figures.write(if quick { "call-quick" } else { "call" })?;
    print_table(&figures, counted)?;
    figures.print_goals(&GOALS)?;
    writeln!(stdout(), "\nAll figures: {}", file.display())?;
    Ok(())
}

fn add_future_sizes(figures: &mut Figures) {
    for (name, sizes) in [
        ("plain", future_size::plain()),
        ("tracked", future_size::tracked()),
        ("instrument", future_size::instrumented()),
    ] {
        let FutureSizes {
            borrowed,
            borrowed_three_levels,
            owned,
            owned_three_levels,
        } = sizes;
        for (suffix, bytes) in [
            ("", borrowed),
            ("_three_levels", borrowed_three_levels),
            ("_owned", owned),
            ("_owned_three_levels", owned_three_levels),
        ] {
            let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
            figures.set(format!("future_bytes_{name}{suffix}"), bytes.into());
        }
    }
}

/// Prints the figures as the Markdown of docs/benchmarks.md.
fn print_table(figures: &Figures, counted: bool) -> anyhow::Result<()> {
    let mut out = stdout().lock();

    print_times(&mut out, figures)?;
    if counted {
        writeln!(
            out,
            "\n| instructions of a call | on the caller's thread | on all threads |"
        )?;
        writeln!(out, "| --- | ---: | ---: |")?;
        for case in instructions::CASES {
            let caller = figures.get(&format!("{case}_instructions"));
            let all = figures.get(&format!("{case}_instructions_all_threads"));
            writeln!(out, "| {case} | {caller:.0} | {all:.0} |")?;
        }
        for case in CASES_BEFORE {
            let caller = figures.measured(&format!("{case}_instructions_before"));
            let all = figures.measured(&format!("{case}_instructions_all_threads_before"));
            if let (Some(caller), Some(all)) = (caller, all) {
                writeln!(out, "| {case}, before | {caller:.0} | {all:.0} |")?;
            }
        }
    }

    writeln!(
        out,
        "\n| bytes of a future | plain | tracked | instrument |"
    )?;
    writeln!(out, "| --- | ---: | ---: | ---: |")?;
    for (suffix, title) in [
        ("", "borrowed arguments"),
        ("_three_levels", "borrowed arguments, three levels"),
        ("_owned", "owned arguments"),
        ("_owned_three_levels", "owned arguments, three levels"),
    ] {
        let bytes = |kind| figures.get(&format!("future_bytes_{kind}{suffix}"));
        let (plain, tracked, instrument) = (bytes("plain"), bytes("tracked"), bytes("instrument"));
        writeln!(out, "| {title} | {plain} | {tracked} | {instrument} |")?;
    }

    if let Some(ratio) = figures.measured("two_threads_vs_one") {
        writeln!(
            out,
            "\nA call on one of two threads takes {ratio:.2} of one on a single thread, {:.0} ns, in the best round.",
            figures.get("one_thread_ns"),
        )?;
    }

    let functions = figures.get("build_functions");
    writeln!(
        out,
        "\n| build of {functions} functions | seconds | vs instrument |"
    )?;
    writeln!(out, "| --- | ---: | ---: |")?;
    for kind in ["plain", "tracked", "instrument"] {
        let seconds = figures.get(&format!("build_{kind}_s"));
        let ratio = seconds / figures.get("build_instrument_s");
        writeln!(out, "| {kind} | {seconds:.2} | {ratio:.2} |")?;
    }
    Ok(())
}

/// Prints the time of a call of each case, by the wall clock and on the processor.
fn print_times(out: &mut impl Write, figures: &Figures) -> anyhow::Result<()> {
    for (kind, title) in [("", "a call of"), ("_cpu", "on the processor")] {
        writeln!(
            out,
            "\n| {title} | ns | net of plain | rounds | today / this, by round |"
        )?;
        writeln!(out, "| --- | ---: | ---: | ---: | ---: |")?;
        for case in cases::NAMES {
            print_time(out, figures, case, kind, &format!("vs_{case}"))?;
        }
        for (_, before, ratio) in times::COMPARED {
            if figures.measured(&format!("{before}_ns")).is_some() {
                print_time(out, figures, before, kind, ratio)?;
            }
        }
    }
    Ok(())
}

fn print_time(
    out: &mut impl Write,
    figures: &Figures,
    case: &str,
    kind: &str,
    ratio: &str,
) -> anyhow::Result<()> {
    let time = figures.get(&format!("{case}{kind}_ns"));
    write!(
        out,
        "| {case} | {time:.1} | {:.1} | {:.1} to {:.1} | ",
        time - figures.get(&format!("plain{kind}_ns")),
        figures.get(&format!("{case}{kind}_ns_min")),
        figures.get(&format!("{case}{kind}_ns_max")),
    )?;
    match figures.measured(&format!("{ratio}{kind}")) {
        Some(value) => writeln!(
            out,
            "{value:.2} ({:.2} to {:.2}) |",
            figures.get(&format!("{ratio}{kind}_min")),
            figures.get(&format!("{ratio}{kind}_max")),
        )?,
        None => writeln!(out, "|")?,
    }
    Ok(())
}
