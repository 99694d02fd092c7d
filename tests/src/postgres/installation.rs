//! Where the server binaries are, and as whom they may run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::Context as _;

/// Where Debian and Ubuntu keep each major version, as `<version>/bin`: outside `PATH`.
const DEBIAN_VERSIONS: &str = "/usr/lib/postgresql";

/// The server binaries of this machine.
pub(super) struct Installation {
    binaries: PathBuf,
    /// The account to run them as; `None` for the current one.
    pub(super) account: Option<Account>,
}

/// A user of the system.
#[derive(Clone, Copy)]
pub(super) struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
}

impl Installation {
    /// Takes the binaries on `PATH`, else the newest of Debian's.
    pub(super) fn find() -> anyhow::Result<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let binaries = env::split_paths(&path)
            .find_map(|folder| folder_of_server(&folder))
            .or_else(newest_of_debian)
            .context(
                "no server binaries (`initdb`, `postgres`) on PATH or in /usr/lib/postgresql: \
                 install Debian's package `postgresql`, or run `scripts/test`, which does",
            )?;
        Ok(Self {
            binaries,
            account: unprivileged_account()?,
        })
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

/// The folder in which the server's binaries of `folder` are, which may be links: the others are beside them.
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

/// Postgres refuses to run as root, so root lends it an account that may do little.
fn unprivileged_account() -> anyhow::Result<Option<Account>> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").context("can't read /etc/passwd")?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| account_named(&accounts, name))
        .map(Some)
        .context("no account `postgres` or `nobody` to run the server as: Postgres refuses to run as root")
}

/// Finds an account in the text of `/etc/passwd`: `name:password:user:group:…` lines.
fn account_named(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(name)).then_some(())?;
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Account { user, group })
    })
}
