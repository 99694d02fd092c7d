//! The results of a benchmark: [`Figures`].

use std::{
    collections::BTreeMap,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context as _;

use crate::statistics::percentile_ms;

/// The folder of all results, in the workspace's root.
pub const FOLDER: &str = "target/bench";

/// The results of a benchmark, by the names that docs/benchmarks.md explains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures(BTreeMap<String, f64>);

impl Figures {
    /// No figures.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a figure, in place of one of the same name.
    pub fn set(&mut self, name: impl Into<String>, value: f64) {
        self.0.insert(name.into(), value);
    }

    /// Sets the median and the 99th percentile of some times, in milliseconds, as `NAME_p50_ms` and
    /// `NAME_p99_ms`. It sorts the times.
    pub fn set_percentiles(&mut self, name: &str, times: &mut [Duration]) {
        for (suffix, fraction) in [("p50", 0.5), ("p99", 0.99)] {
            self.set(
                format!("{name}_{suffix}_ms"),
                percentile_ms(times, fraction),
            );
        }
    }

    /// Returns the median and the 99th percentile, in milliseconds, that
    /// [`set_percentiles`](Self::set_percentiles) has set. What was not measured is NaN.
    #[must_use]
    pub fn percentiles(&self, name: &str) -> [f64; 2] {
        ["p50", "p99"].map(|suffix| self.get(&format!("{name}_{suffix}_ms")))
    }

    /// Returns a figure. One that was not measured is NaN.
    #[must_use]
    pub fn get(&self, name: &str) -> f64 {
        self.measured(name).unwrap_or(f64::NAN)
    }

    /// Returns a figure, or `None` if it was not measured.
    #[must_use]
    pub fn measured(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// Returns true if nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes the figures as a flat JSON object, and returns the path of the file, which is
    /// `target/bench/NAME.json`.
    ///
    /// # Errors
    ///
    /// If the file can't be written.
    pub fn write(&self, name: &str) -> anyhow::Result<PathBuf> {
        let json = serde_json::to_string_pretty(&self.0)? + "\n";
        write(&format!("{name}.json"), &json)
    }

    /// Writes the figures as [`write`](Self::write) does, and keeps those of the existing file that
    /// were not measured again.
    ///
    /// # Errors
    ///
    /// If the file can't be read or written.
    pub fn write_into(&self, name: &str) -> anyhow::Result<PathBuf> {
        let file = Path::new(FOLDER).join(format!("{name}.json"));
        let mut all = match fs::read_to_string(&file) {
            Ok(json) => serde_json::from_str(&json)?,
            Err(error) if error.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => {
                return Err(error).with_context(|| format!("can't read {}", file.display()));
            }
        };
        all.extend(self.0.clone());
        Self(all).write(name)
    }
}

/// Writes a file of the folder, and returns its path.
pub(crate) fn write(name: &str, content: &str) -> anyhow::Result<PathBuf> {
    let file = Path::new(FOLDER).join(name);
    fs::create_dir_all(FOLDER)?;
    fs::write(&file, content).with_context(|| format!("can't write {}", file.display()))?;
    Ok(file)
}
