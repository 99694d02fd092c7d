//! One throw-away cluster: its files, its port and its server process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use rustix::process::Signal;
use uuid::Uuid;

use super::installation::Installation;
use super::options::ServerTls;
use crate::process::{holds_within, is_running};
use crate::server::{Account, ReservedPort, SERVER_LIMIT, Server, signal};

/// Settings of a small and quick server: it may lose data in a power cut, and many tests connect at
/// once.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=16MB",
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    // Shared memory is in files of the data directory, so that a killed server leaves none
    // elsewhere.
    "dynamic_shared_memory_type=mmap",
];

/// The files of TLS, by their names in the cluster's directory.
const CERTIFICATE: &str = "server.crt";
const KEY: &str = "server.key";

pub(super) struct Cluster {
    installation: Installation,
    server: Server,
    port: ReservedPort,
    password: String,
    tls: bool,
    settings: Vec<String>,
}

impl Cluster {
    /// Makes a cluster and starts its server.
    pub(super) fn start_new(
        tls: Option<&ServerTls>,
        settings: Vec<String>,
    ) -> anyhow::Result<Self> {
        let mut cluster = Self {
            installation: Installation::find()?,
            server: Server::new("postgres", Account::unprivileged()?)?,
            port: ReservedPort::new()?,
            password: format!("{}{}", Uuid::now_v7().simple(), Uuid::now_v7().simple()),
            tls: tls.is_some(),
            settings,
        };
        cluster.initialize(tls)?;
        cluster.start()?;
        Ok(cluster)
    }

    /// Creates and starts a standby of `primary`, copied from it while it runs.
    pub(super) fn start_standby_of(primary: &Self) -> anyhow::Result<Self> {
        let mut cluster = Self {
            installation: Installation::find()?,
            server: Server::new("postgres", Account::unprivileged()?)?,
            port: ReservedPort::new()?,
            password: primary.password.clone(),
            tls: primary.tls,
            settings: primary.settings.clone(),
        };
        let mut copy = cluster.command("pg_basebackup")?;
        copy.args([
            "--pgdata=data",
            "--write-recovery-conf",
            "--checkpoint=fast",
            "--no-sync",
        ])
        .arg(format!("--dbname={}", primary.url()));
        cluster.server.prepare(copy)?;
        cluster.start()?;
        Ok(cluster)
    }

    /// Returns the superuser's URL of the database `postgres`.
    pub(super) fn url(&self) -> String {
        let Self { password, port, .. } = self;
        format!("postgres://postgres:{password}@{}/postgres", port.address())
    }

    /// Starts the server on its port, and waits until it accepts connections. Does nothing while it
    /// runs.
    pub(super) fn start(&mut self) -> anyhow::Result<()> {
        if self.server.id().is_some() {
            return Ok(());
        }
        let mut command = self.command("postgres")?;
        command.arg("-D").arg(self.data());
        // The last setting of a name counts.
        let own = self.settings.iter().map(String::as_str);
        for setting in SETTINGS.iter().copied().chain(own) {
            command.args(["-c", setting]);
        }
        command.args(["-c", &format!("port={}", self.port.address().port())]);
        if self.tls {
            for (setting, file) in [("ssl_cert_file", CERTIFICATE), ("ssl_key_file", KEY)] {
                let path = self.server.directory().join(file);
                command.args(["-c", &format!("{setting}={}", path.display())]);
            }
            command.args(["-c", "ssl=on"]);
        }
        self.server.spawn(command)?;
        let (data, id) = (self.data(), self.server.id());
        self.server
            .wait_until_ready(|| id.is_some_and(|id| is_ready(&data, id)))
    }

    /// Stops the server as an operator does (fast shutdown: connections are ended, everything is
    /// written).
    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        self.server.stop(Signal::INT)
    }

    /// Stops the server, and starts it as a standby without a primary.
    pub(super) fn restart_as_standby(&mut self) -> anyhow::Result<()> {
        self.stop()?;
        self.server.write_file("data/standby.signal", "")?;
        self.start()
    }

    /// Kills all processes of the server at once, as in a power cut.
    pub(super) fn kill(&mut self) -> anyhow::Result<()> {
        let Some(id) = self.server.id() else {
            return Ok(());
        };
        // A stopped postmaster starts no further processes while its present ones are looked up.
        signal(id, Signal::STOP)?;
        let backends = children_of(id)?;
        self.server.kill()?;
        for backend in &backends {
            // A process that has just ended is no error.
            let _ = signal(*backend, Signal::KILL);
        }
        anyhow::ensure!(
            holds_within(SERVER_LIMIT, || !backends.iter().copied().any(is_running)),
            "processes of the killed server did not end in {SERVER_LIMIT:?}"
        );
        Ok(())
    }

    fn initialize(&mut self, tls: Option<&ServerTls>) -> anyhow::Result<()> {
        if let Some(tls) = tls {
            self.server.write_file(CERTIFICATE, &tls.certificate_pem)?;
            self.server.write_file(KEY, &tls.key_pem)?;
        }
        let password_file = self.server.write_file("password", &self.password)?;
        let mut initdb = self.command("initdb")?;
        initdb
            .args([
                "--username=postgres",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
            ])
            .args([
                "--locale=C",
                "--no-sync",
                "--no-instructions",
                "--pwfile=password",
                "--pgdata=data",
            ]);
        self.server.prepare(initdb)?;
        fs::remove_file(password_file).context("can't remove the password file")
    }

    fn command(&self, binary: &str) -> anyhow::Result<Command> {
        self.server.command(&self.installation.binary(binary))
    }

    fn data(&self) -> PathBuf {
        self.server.directory().join("data")
    }
}

/// Reads the lock file in the way of `pg_ctl`: its first line is the server's process ID, its
/// eighth the server's state.
fn is_ready(data: &Path, id: u32) -> bool {
    let lock = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = lock.lines();
    lines.next() == Some(&id.to_string()) && lines.nth(6).map(str::trim) == Some("ready")
}

fn children_of(id: u32) -> anyhow::Result<Vec<u32>> {
    let ids = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))
        .context("can't list the server's processes")?;
    Ok(ids
        .split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect())
}
