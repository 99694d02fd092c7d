//! The server, in a process of its own, so that its memory can be measured.

use std::{
    env, fs,
    io::{Write as _, stdout},
    net::SocketAddr,
    num::NonZeroU32,
    path::Path,
    process::Stdio,
};

use anyhow::Context as _;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use tracker_server::{Limits, Settings, serve};

/// The server process, which ends with the value.
pub(crate) struct Server {
    pub(crate) address: String,
    child: Child,
}

impl Server {
    pub(crate) async fn start(store: &str) -> anyhow::Result<Self> {
        Self::start_program(&env::current_exe()?, store).await
    }

    /// Starts the server of this program, or of one of another build.
    pub(crate) async fn start_program(program: &Path, store: &str) -> anyhow::Result<Self> {
        let mut child = Command::new(program)
            .args(["--serve", store])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("can't start {}", program.display()))?;
        let out = child.stdout.take().context("its output is piped")?;
        let mut address = String::new();
        BufReader::new(out).read_line(&mut address).await?;
        Ok(Self {
            address: address.trim().to_owned(),
            child,
        })
    }

    /// Returns the resident memory, now and at its highest, in MiB.
    pub(crate) fn memory_mb(&self) -> anyhow::Result<(f64, f64)> {
        let id = self.child.id().context("it has ended")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line?.trim().trim_end_matches(" kB").parse::<f64>().ok()?;
            Some(kilobytes / 1_024.0)
        };
        Ok((
            field("VmRSS:").context("no VmRSS")?,
            field("VmHWM:").context("no VmHWM")?,
        ))
    }
}

/// Serves until it is killed, and prints the address as its only line.
pub(crate) async fn run(store: &str) -> anyhow::Result<()> {
    let store = tracker_core::store::open(store)?;
    let settings = Settings::open().streams_max(2_048);
    let limits = Limits {
        requests_per_second: NonZeroU32::MAX,
        connections_max: 4_096,
    };
    let listening = |addresses: &[SocketAddr]| {
        // The parent process waits for this line.
        let _ = writeln!(stdout(), "{}", addresses[0]).and_then(|()| stdout().flush());
    };
    let listen = ["127.0.0.1:0".parse()?];
    let end = std::future::pending();
    serve(store, settings, limits, &listen, listening, end).await?;
    Ok(())
}
