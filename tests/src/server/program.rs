//! The programs of servers.

use std::{env, path::PathBuf};

use anyhow::Context as _;

/// The folder in which Debian keeps servers; it is not on everybody's `PATH`.
const DEBIAN_FOLDER: &str = "/usr/sbin";

/// Finds a program on `PATH` or in Debian's folder. `advice` tells how to install it.
pub(crate) fn find(program: &str, advice: &str) -> anyhow::Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain([PathBuf::from(DEBIAN_FOLDER)])
        .map(|folder| folder.join(program))
        .find(|binary| binary.is_file())
        .with_context(|| format!("no `{program}` on PATH or in {DEBIAN_FOLDER}: {advice}"))
}
