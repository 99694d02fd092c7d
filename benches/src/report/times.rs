//! The times of the calls: criterion's medians by the wall clock, for each case and round, and
//! beside them the time on the processor, which other programs disturb less.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tracker_bench_support::{Figures, statistics::Spread};
use tracker_benches::cases;

/// Reads every round of every case, and runs each case as often for the time on the processor.
pub(crate) fn read(folder: &Path, calls: u32, figures: &mut Figures) -> anyhow::Result<()> {
    let mut rounds = BTreeMap::new();
    for case in cases::NAMES {
        rounds.insert(case, medians(&folder.join(case))?);
    }
    add("", &rounds, figures)?;

    let number = rounds.values().map(Vec::len).min().unwrap_or_default();
    let mut rounds = BTreeMap::<_, Vec<_>>::new();
    for _ in 0..number {
        for case in cases::NAMES {
            rounds
                .entry(case)
                .or_default()
                .push(cpu_of_call(case, calls)?);
        }
    }
    add("_cpu", &rounds, figures)
}

/// Adds each case's median, least and greatest time over the rounds, and its ratios to the peers:
/// those of the medians, and the least and greatest within a round.
fn add(kind: &str, rounds: &BTreeMap<&str, Vec<f64>>, figures: &mut Figures) -> anyhow::Result<()> {
    let mut median_of = BTreeMap::new();
    for (case, times) in rounds {
        ensure!(!times.is_empty(), "nothing was measured");
        let Spread {
            least,
            median,
            greatest,
        } = Spread::of(times.iter().copied());
        median_of.insert(*case, median);
        figures.set(format!("{case}{kind}_ns"), median);
        figures.set(format!("{case}{kind}_ns_min"), least);
        figures.set(format!("{case}{kind}_ns_max"), greatest);
    }
    let (plain, tracked) = (median_of["plain"], median_of["tracked"]);
    for peer in ["tracing", "fastrace", "fastrace_shared_root"] {
        let (own, others) = (&rounds["tracked"], &rounds[peer]);
        ensure!(
            own.len() == others.len(),
            "a round is incomplete: run it again"
        );
        let ratios = own.iter().zip(others).map(|(own, other)| own / other);
        let Spread {
            least, greatest, ..
        } = Spread::of(ratios);
        figures.set(format!("vs_{peer}{kind}"), tracked / median_of[peer]);
        figures.set(format!("vs_{peer}{kind}_min"), least);
        figures.set(format!("vs_{peer}{kind}_max"), greatest);
        let net = (tracked - plain) / (median_of[peer] - plain);
        figures.set(format!("vs_{peer}{kind}_net_of_plain"), net);
    }
    Ok(())
}

/// Returns the nanoseconds of a call on the processor, in a process of its own.
fn cpu_of_call(case: &str, calls: u32) -> anyhow::Result<f64> {
    let output = Command::new(call_loop()?)
        .args([case, &calls.to_string()])
        .output()
        .context("can't start call-loop: build it with `cargo build --release --bins`")?;
    ensure!(
        output.status.success(),
        "call-loop {case} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout)?;
    text.trim()
        .parse()
        .with_context(|| format!("call-loop printed {text:?}"))
}

/// Returns the path of the program that makes calls, which is built beside this one.
pub(crate) fn call_loop() -> anyhow::Result<PathBuf> {
    Ok(env::current_exe()?.with_file_name("call-loop"))
}

/// Returns the medians of a case in nanoseconds, by round. Criterion keeps each round as a
/// baseline.
fn medians(case: &Path) -> anyhow::Result<Vec<f64>> {
    let mut rounds = Vec::new();
    for entry in
        fs::read_dir(case).with_context(|| format!("nothing was measured in {}", case.display()))?
    {
        let entry = entry?;
        let name = entry.file_name();
        if name.to_string_lossy().starts_with("round_") {
            rounds.push((name, entry.path().join("estimates.json")));
        }
    }
    rounds.sort();
    rounds
        .iter()
        .map(|(_, file)| median_of_round(file))
        .collect()
}

fn median_of_round(file: &Path) -> anyhow::Result<f64> {
    let json = fs::read(file).with_context(|| format!("can't read {}", file.display()))?;
    let estimates: Value = serde_json::from_slice(&json)?;
    estimates["median"]["point_estimate"]
        .as_f64()
        .with_context(|| format!("no median in {}", file.display()))
}
