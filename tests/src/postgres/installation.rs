//! The server binaries.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context as _;

/// The folder in which Debian and Ubuntu keep each major version, as `<version>/bin`. It is not on
/// `PATH`.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// The variable that names another folder of binaries.
const FOLDER: &str = "TRACKER_POSTGRES";

/// The server binaries of this machine.
pub(super) struct Installation {
    binaries: PathBuf,
}

impl Installation {
    /// Returns the binaries of the folder that `TRACKER_POSTGRES` names, or else those on `PATH`,
    /// or else the newest of Debian's.
    pub(super) fn find() -> anyhow::Result<Self> {
        if let Some(folder) = env::var_os(FOLDER) {
            // The path is absolute, because servers run in directories of their own.
            let folder = fs::canonicalize(folder).ok();
            let binaries = folder
                .filter(|folder| has_server(folder))
                .with_context(|| {
                    format!("no server binaries (`initdb`, `postgres`) in the folder of {FOLDER}")
                })?;
            return Ok(Self { binaries });
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let binaries = env::split_paths(&path)
            .find_map(|folder| folder_of_server(&folder))
            .or_else(newest_of_debian)
            .context(
                "no server binaries (`initdb`, `postgres`) on PATH or in /usr/lib/postgresql: \
                 install Debian's package `postgresql`, or run `scripts/test`, which does",
            )?;
        Ok(Self { binaries })
    }

    pub(super) fn binary(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "postgres"]
        .iter()
        .all(|name| folder.join(name).is_file())
}

/// Returns the folder of the server's binaries. Those of `folder` may be links, and the others are
/// beside their targets.
fn folder_of_server(folder: &Path) -> Option<PathBuf> {
    if !has_server(folder) {
        return None;
    }
    let server = fs::canonicalize(folder.join("postgres")).ok()?;
    let linked = server.parent().filter(|linked| has_server(linked));
    Some(linked.unwrap_or(folder).to_owned())
}

fn newest_of_debian() -> Option<PathBuf> {
    fs::read_dir(DEBIAN_VERSIONS)
        .ok()?
        .filter_map(|entry| {
            let folder = entry.ok()?.path();
            let version: u32 = folder.file_name().and_then(OsStr::to_str)?.parse().ok()?;
            let binaries = folder.join("bin");
            has_server(&binaries).then_some((version, binaries))
        })
        .max()
        .map(|(_, binaries)| binaries)
}
