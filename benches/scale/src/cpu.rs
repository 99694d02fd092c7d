//! The processor time of other processes.

use std::fs;

use anyhow::Context as _;

/// The kernel's clock ticks a second, which are the same for programs on every architecture.
const TICKS_S: f64 = 100.0;

/// Returns the processor time of a process and of its ended children, in seconds.
pub(crate) fn of_process(id: u32) -> anyhow::Result<f64> {
    Ok(ticks(&stat(id)?)? / TICKS_S)
}

/// Returns the processor time of a process and its children, in seconds.
pub(crate) fn of_family(parent: u32) -> anyhow::Result<f64> {
    // A child that has ended meanwhile is counted with its parent.
    let used = family(parent)?.into_iter().map(of_process);
    Ok(used.filter_map(Result::ok).sum())
}

/// Returns a process and its children.
pub(crate) fn family(parent: u32) -> anyhow::Result<Vec<u32>> {
    let mut family = vec![parent];
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Ok(stat) = stat(id)
            && parent_in(&stat) == Some(parent)
        {
            family.push(id);
        }
    }
    Ok(family)
}

/// Returns the parent of a process.
pub(crate) fn parent_of(id: u32) -> anyhow::Result<u32> {
    parent_in(&stat(id)?).context("no parent in /proc")
}

/// Returns the fields after the name, which may hold anything, of `/proc/ID/stat`.
fn stat(id: u32) -> anyhow::Result<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let (_, rest) = text.rsplit_once(") ").context("no name in /proc")?;
    Ok(rest.split_whitespace().map(str::to_owned).collect())
}

fn parent_in(stat: &[String]) -> Option<u32> {
    stat.get(1)?.parse().ok()
}

/// Returns the sum of utime, stime, cutime and cstime of proc(5).
fn ticks(stat: &[String]) -> anyhow::Result<f64> {
    let times = stat.get(11..15).context("no times in /proc")?;
    let mut ticks = 0.0;
    for time in times {
        ticks += time.parse::<f64>()?;
    }
    Ok(ticks)
}
