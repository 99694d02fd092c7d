//! The instructions of a call, counted by callgrind. The count repeats, whatever else the machine
//! does.
//!
//! The count excludes the kernel's work and waiting for memory.

use std::{
    ffi::OsString,
    fs,
    io::{Write as _, stderr},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use tracker_bench_support::{Figures, before};
use tracker_benches::cases;

use crate::times::call_loop;

/// The cases that are counted.
pub(crate) const CASES: [&str; 8] = cases::NAMES;

/// The cases of the build before that are counted.
pub(crate) const CASES_BEFORE: [&str; 3] = ["tracked", "always", "durable"];

/// Counts the instructions of `calls` further calls, on the caller's thread and on all. Returns
/// false if there is no valgrind.
pub(crate) fn count(
    folder: &Path,
    calls: u32,
    is_compared: bool,
    figures: &mut Figures,
) -> anyhow::Result<bool> {
    let version = Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !version.is_ok_and(|status| status.success()) {
        writeln!(
            stderr(),
            "No valgrind here, so instructions are not counted."
        )?;
        return Ok(false);
    }
    let own = call_loop()?;
    for case in CASES {
        count_case(folder, &own, case, "", calls, figures)?;
    }
    if is_compared {
        let before = before::program("call-loop");
        for case in CASES_BEFORE {
            count_case(folder, &before, case, "_before", calls, figures)?;
        }
    }
    Ok(true)
}

/// Counts one case, and adds its figures with a suffix.
fn count_case(
    folder: &Path,
    call_loop: &Path,
    case: &str,
    suffix: &str,
    calls: u32,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    // Both runs include the set-up, so their difference does not.
    let once = run(folder, call_loop, case, calls)?;
    let twice = run(folder, call_loop, case, 2 * calls)?;
    for (threads, once, twice) in [
        ("", once.caller, twice.caller),
        ("_all_threads", once.all, twice.all),
    ] {
        let per_call = (twice - once) / f64::from(calls);
        figures.set(format!("{case}_instructions{threads}{suffix}"), per_call);
    }
    Ok(())
}

struct Instructions {
    caller: f64,
    all: f64,
}

fn run(folder: &Path, call_loop: &Path, case: &str, calls: u32) -> anyhow::Result<Instructions> {
    let folder = folder.join(format!("{case}-{calls}"));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut out = OsString::from("--callgrind-out-file=");
    out.push(folder.join("out"));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--separate-threads=yes"])
        // The calibration of fastrace's clock before `main` varies.
        .arg("--zero-before=*cases::case::Case>::time*")
        .arg(out)
        .arg(call_loop)
        .args([case, &calls.to_string()])
        .output()?;
    ensure!(
        output.status.success(),
        "valgrind call-loop {case} {calls} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );

    let mut counted = Instructions {
        caller: 0.0,
        all: 0.0,
    };
    // Each thread has a file, `out-01` being that of the first thread; `out` itself has none.
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        let total = total(&fs::read_to_string(entry.path())?)?;
        counted.all += total;
        if entry.file_name() == "out-01" {
            counted.caller = total;
        }
    }
    ensure!(
        counted.caller > 0.0,
        "valgrind left no out-01 in {}",
        folder.display()
    );
    Ok(counted)
}

/// Returns the sum at the end of a callgrind profile.
fn total(profile: &str) -> anyhow::Result<f64> {
    let line = profile
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("totals: "));
    let Some(line) = line else {
        return Ok(0.0);
    };
    line.trim()
        .parse()
        .context("a callgrind profile with totals that are no number")
}
