//! The times of the calls: criterion's medians by the wall clock, for each case and round, and
//! beside them the time on the processor, which other programs disturb less. Some cases have times
//! of the build [`before`] as well.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tracker_bench_support::{Figures, before, statistics::Spread};
use tracker_benches::cases;

/// The cases that the build before makes too: the name, and those of its figures and of the ratio.
pub(crate) const COMPARED: [(&str, &str, &str); 4] = [
    ("tracked", "tracked_before", "vs_before"),
    ("always", "always_before", "always_vs_before"),
    ("durable", "durable_before", "durable_vs_before"),
    (
        "not_installed",
        "not_installed_before",
        "not_installed_vs_before",
    ),
];

/// The times of each case, by round.
type Rounds = BTreeMap<&'static str, Vec<f64>>;

/// Reads every round of every case, and runs each case as often for the time on the processor.
pub(crate) fn read(
    folder: &Path,
    calls: u32,
    is_compared: bool,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let compared = if is_compared { &COMPARED[..] } else { &[] };
    let mut rounds = Rounds::new();
    for case in cases::NAMES {
        rounds.insert(case, medians(&folder.join("criterion/call").join(case))?);
    }
    for (case, before, _) in compared {
        let medians = medians(&folder.join("criterion-before/call").join(case))?;
        rounds.insert(before, medians);
    }
    add("", &rounds, compared, figures)?;

    let number = rounds.values().map(Vec::len).min().unwrap_or_default();
    let (own, before) = (call_loop()?, before::program("call-loop"));
    let mut rounds = Rounds::new();
    for _ in 0..number {
        for case in cases::NAMES {
            let time = cpu_of_call(&own, case, calls)?;
            rounds.entry(case).or_default().push(time);
        }
        for (case, of_before, _) in compared {
            let time = cpu_of_call(&before, case, calls)?;
            rounds.entry(of_before).or_default().push(time);
        }
    }
    add("_cpu", &rounds, compared, figures)
}

/// Adds each case's median, least and greatest time over the rounds, and the ratios to the peers
/// and to the build before.
fn add(
    kind: &str,
    rounds: &Rounds,
    compared: &[(&str, &str, &str)],
    figures: &mut Figures,
) -> anyhow::Result<()> {
    for (case, times) in rounds {
        ensure!(!times.is_empty(), "nothing was measured");
        let Spread {
            least,
            median,
            greatest,
        } = Spread::of(times.iter().copied());
        figures.set(format!("{case}{kind}_ns"), median);
        figures.set(format!("{case}{kind}_ns_min"), least);
        figures.set(format!("{case}{kind}_ns_max"), greatest);
    }
    for peer in ["tracing", "fastrace", "fastrace_shared_root"] {
        let name = format!("vs_{peer}{kind}");
        add_ratio(&name, &rounds["tracked"], &rounds[peer], figures)?;
        let time = |case: &str| figures.get(&format!("{case}{kind}_ns"));
        let plain = time("plain");
        let net = (time("tracked") - plain) / (time(peer) - plain);
        figures.set(format!("{name}_net_of_plain"), net);
    }
    for (case, before, ratio) in compared {
        let name = format!("{ratio}{kind}");
        add_ratio(&name, &rounds[case], &rounds[before], figures)?;
    }
    Ok(())
}

/// Adds the ratio of two medians, and the least and greatest ratio within a round.
fn add_ratio(
    name: &str,
    times: &[f64],
    others: &[f64],
    figures: &mut Figures,
) -> anyhow::Result<()> {
    ensure!(
        times.len() == others.len(),
        "a round is incomplete: run it again"
    );
    let [time, other] = [times, others].map(|of| Spread::of(of.iter().copied()).median);
    let ratios = Spread::of(times.iter().zip(others).map(|(time, other)| time / other));
    figures.set(name, time / other);
    figures.set(format!("{name}_min"), ratios.least);
    figures.set(format!("{name}_max"), ratios.greatest);
    Ok(())
}

/// Returns the nanoseconds of a call on the processor, in a process of its own.
fn cpu_of_call(call_loop: &Path, case: &str, calls: u32) -> anyhow::Result<f64> {
    let output = Command::new(call_loop)
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
