//! Crates of a few lines that exist in memory alone.

use std::path::Path;

use tracker_tests::floors::Crate;

/// The circles of the crate with these files, each as the lines that people read.
pub(crate) fn circles(files: &[(&str, &str)]) -> Vec<String> {
    let read = |path: &Path| {
        let file = files.iter().find(|(name, _)| Path::new(name) == path);
        file.map(|(_, text)| (*text).to_owned())
    };
    let circles = Crate::read(Path::new("lib.rs"), &read).circles();
    circles
        .into_iter()
        .map(|circle| circle.to_string())
        .collect()
}
