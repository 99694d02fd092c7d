//! The sources of the workspace's crates.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use walkdir::WalkDir;

/// Returns the root files of all libraries, programs, examples and benchmarks of the workspace at
/// a path. The paths are relative to it.
///
/// # Panics
///
/// When cargo fails.
#[must_use]
pub fn crate_roots(workspace: &Path) -> Vec<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--locked"])
        .current_dir(workspace)
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "cargo fails: {output:?}");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo writes JSON");
    let packages = list(&metadata["packages"]);
    let targets = packages.flat_map(|package| list(&package["targets"]));
    let roots = targets.filter(|target| {
        let mut kinds = list(&target["kind"]);
        !kinds.any(|kind| kind == "test" || kind == "custom-build")
    });
    let roots = roots.filter_map(|target| {
        let path = Path::new(target["src_path"].as_str()?);
        Some(path.strip_prefix(workspace).ok()?.to_owned())
    });
    roots.collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Returns all Rust files beside and beneath the [roots](crate_roots) of the crates, relative to
/// the workspace.
///
/// # Panics
///
/// When a directory can't be read.
#[must_use]
pub fn rust_files(workspace: &Path) -> BTreeSet<PathBuf> {
    let roots = crate_roots(workspace);
    let directories: BTreeSet<&Path> = roots.iter().filter_map(|root| root.parent()).collect();
    let entries = directories
        .into_iter()
        .flat_map(|directory| WalkDir::new(workspace.join(directory)));
    let paths = entries.map(|entry| entry.expect("a directory can be read").into_path());
    let files = paths.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let files = files.filter_map(|path| Some(path.strip_prefix(workspace).ok()?.to_owned()));
    files.collect()
}
