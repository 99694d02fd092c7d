//! The account of servers that refuse to run as root.

use std::fs;

use anyhow::Context as _;

/// A user of the system.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

impl Account {
    /// Returns an account with few rights if the tests run as root, because Postgres and PgBouncer
    /// refuse to. `None` otherwise: servers then run under the account of the tests.
    pub(crate) fn unprivileged() -> anyhow::Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let accounts = fs::read_to_string("/etc/passwd").context("can't read /etc/passwd")?;
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| Self::named(&accounts, name))
            .map(Some)
            .context(
                "no account `postgres` or `nobody` to run a server as that refuses to run as root",
            )
    }

    /// Finds an account in the text of `/etc/passwd`: `name:password:user:group:…` lines.
    fn named(accounts: &str, name: &str) -> Option<Self> {
        accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(name)).then_some(())?;
            let user = fields.nth(1)?.parse().ok()?;
            let group = fields.next()?.parse().ok()?;
            Some(Self { user, group })
        })
    }
}
