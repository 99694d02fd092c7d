//! What was measured, as a file and as tables.

use std::{
    collections::BTreeMap,
    fs,
    io::{Write as _, stdout},
    path::Path,
    time::Duration,
};

use anyhow::Context as _;

/// A flat object: the names are those of docs/benchmarks.md.
pub(crate) type Figures = BTreeMap<String, f64>;

const FOLDER: &str = "target/bench";

/// Writes `target/bench/scale.json`, and says so; figures of a single case replace those of that case alone.
pub(crate) fn write(figures: &Figures, is_quick: bool, case: Option<&str>) -> anyhow::Result<()> {
    let folder = Path::new(FOLDER);
    fs::create_dir_all(folder)?;
    let name = if is_quick {
        "scale-quick.json"
    } else {
        "scale.json"
    };
    let file = folder.join(name);
    let mut all = Figures::new();
    if case.is_some()
        && let Ok(text) = fs::read_to_string(&file)
    {
        all = serde_json::from_str(&text)?;
    }
    all.extend(figures.clone());
    fs::write(&file, serde_json::to_string_pretty(&all)? + "\n")
        .with_context(|| format!("can't write {}", file.display()))?;
    writeln!(stdout(), "\nAll figures: {}", file.display())?;
    Ok(())
}

/// In milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// In milliseconds, of times that this sorts.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a place in a list of some thousands"
)]
pub(crate) fn percentile(times: &mut [Duration], fraction: f64) -> f64 {
    times.sort_unstable();
    let place = (times.len() as f64 * fraction) as usize;
    let time = times.get(place).or(times.last());
    time.map_or(f64::NAN, |time| ms(*time))
}
