//! The build that today's is compared with: the commit that `scripts/bench` names, beside this one.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};

use crate::FOLDER;

/// Returns the folder of the commit's sources.
fn folder() -> PathBuf {
    Path::new(FOLDER).join("before")
}

/// Returns the path of one of the commit's programs.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    folder().join("target/release").join(name)
}

/// Returns the statements that make the commit's table in an empty database of Postgres, to be
/// executed one by one.
///
/// # Errors
///
/// If the commit's migrations can't be read.
pub fn table() -> anyhow::Result<Vec<String>> {
    let mut statements = vec![
        "CREATE SCHEMA turbobackend".to_owned(),
        "SET search_path = turbobackend".to_owned(),
    ];
    // The number of each file is a digit.
    let mut files = Vec::new();
    let folder = folder().join("migrations/postgres");
    for entry in fs::read_dir(&folder).with_context(|| format!("no {}", folder.display()))? {
        files.push(entry?.path());
    }
    files.sort();
    ensure!(!files.is_empty(), "no migration in {}", folder.display());
    for file in files {
        statements.push(fs::read_to_string(file)?);
    }
    Ok(statements)
}
