//! One throw-away cluster: its files, its port and its server process.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::net::TcpSocket;
use uuid::Uuid;

use super::exclusive::ServerTls;
use super::installation::Installation;
use super::watchdog::Watchdog;
use crate::process::{holds_within, is_running};

/// How long a server may take to start or to stop. Either takes a fraction of a second on an idle machine.
const SERVER_LIMIT: Duration = Duration::from_mins(1);

/// Small and quick: what is lost in a power cut is not missed, and many tests connect at once.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=16MB",
    "fsync=off",
    "full_page_writes=off",
    "autovacuum=off",
    // Shared memory as files in the data directory, so that a killed server leaves none elsewhere.
    "dynamic_shared_memory_type=mmap",
];

/// The files TLS is served with, by their names in the cluster's directory.
const CERTIFICATE: &str = "server.crt";
const KEY: &str = "server.key";

pub(super) struct Cluster {
    installation: Installation,
    watchdog: Watchdog,
    port: ReservedPort,
    password: String,
    tls: bool,
    settings: Vec<String>,
    /// `None` while the server is stopped.
    server: Option<Child>,
}

impl Cluster {
    /// Makes a cluster and starts its server.
    pub(super) fn start_new(
        tls: Option<&ServerTls>,
        settings: Vec<String>,
    ) -> anyhow::Result<Self> {
        let mut cluster = Self {
            installation: Installation::find()?,
            watchdog: Watchdog::start()?,
            port: ReservedPort::new().context("can't reserve a port on 127.0.0.1")?,
            password: format!("{}{}", Uuid::now_v7().simple(), Uuid::now_v7().simple()),
            tls: tls.is_some(),
            settings,
            server: None,
        };
        cluster.initialize(tls)?;
        cluster.start()?;
        Ok(cluster)
    }

    /// Makes a server that follows `primary`, copied from it while it runs, and starts it.
    pub(super) fn start_standby_of(primary: &Self) -> anyhow::Result<Self> {
        let mut cluster = Self {
            installation: Installation::find()?,
            watchdog: Watchdog::start()?,
            port: ReservedPort::new().context("can't reserve a port on 127.0.0.1")?,
            password: primary.password.clone(),
            tls: primary.tls,
            settings: primary.settings.clone(),
            server: None,
        };
        cluster.own_directory()?;
        let status = cluster
            .command("pg_basebackup")?
            .args([
                "--pgdata=data",
                "--write-recovery-conf",
                "--checkpoint=fast",
                "--no-sync",
            ])
            .arg(format!("--dbname={}", primary.url()))
            .status()
            .context("can't start `pg_basebackup`")?;
        anyhow::ensure!(
            status.success(),
            "`pg_basebackup` failed ({status}): {}",
            cluster.log_tail()
        );
        cluster.watchdog.forget()?;
        cluster.start()?;
        Ok(cluster)
    }

    /// The superuser's URL for the database `postgres`.
    pub(super) fn url(&self) -> String {
        let Self { password, port, .. } = self;
        format!("postgres://postgres:{password}@{}/postgres", port.address)
    }

    /// Starts the server on its port, and waits until it accepts connections. Does nothing while it runs.
    pub(super) fn start(&mut self) -> anyhow::Result<()> {
        if self.server.is_some() {
            return Ok(());
        }
        let mut command = self.command("postgres")?;
        command.arg("-D").arg(self.data());
        // Of two for one name the last one counts.
        let own = self.settings.iter().map(String::as_str);
        for setting in SETTINGS.iter().copied().chain(own) {
            command.args(["-c", setting]);
        }
        command.args(["-c", &format!("port={}", self.port.address.port())]);
        if self.tls {
            for (setting, file) in [("ssl_cert_file", CERTIFICATE), ("ssl_key_file", KEY)] {
                let path = self.watchdog.directory().join(file);
                command.args(["-c", &format!("{setting}={}", path.display())]);
            }
            command.args(["-c", "ssl=on"]);
        }
        let data = self.data();
        let server = self
            .server
            .insert(command.spawn().context("can't start `postgres`")?);

        let id = server.id();
        let mut exit = None;
        let ready = holds_within(SERVER_LIMIT, || {
            exit = server.try_wait().ok().flatten();
            exit.is_some() || is_ready(&data, id)
        });
        match exit {
            Some(status) => {
                self.collected()?;
                anyhow::bail!("the server ended at start ({status}): {}", self.log_tail())
            }
            None if !ready => anyhow::bail!(
                "the server did not start in {SERVER_LIMIT:?}: {}",
                self.log_tail()
            ),
            None => Ok(()),
        }
    }

    /// Stops the server as an operator does (fast shutdown: connections are ended, everything is written).
    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        let Some(server) = &mut self.server else {
            return Ok(());
        };
        signal(server.id(), Signal::INT)?;
        anyhow::ensure!(
            holds_within(SERVER_LIMIT, || !is_running(server.id())),
            "the server did not stop in {SERVER_LIMIT:?}"
        );
        server.wait().context("can't collect the server")?;
        self.collected()
    }

    /// Stops the server, and starts it as a standby that nobody sends anything to.
    pub(super) fn restart_as_standby(&mut self) -> anyhow::Result<()> {
        self.stop()?;
        self.write_file("data/standby.signal", "")?;
        self.start()
    }

    /// Kills all processes of the server at once, as a power cut does.
    pub(super) fn kill(&mut self) -> anyhow::Result<()> {
        let Some(server) = &mut self.server else {
            return Ok(());
        };
        let id = server.id();
        // Held still, it starts no other process while the ones it has are looked up.
        signal(id, Signal::STOP)?;
        let backends = children_of(id)?;
        signal(id, Signal::KILL)?;
        server.wait().context("can't collect the server")?;
        for backend in &backends {
            // One that has just ended by itself is what is wanted.
            let _ = signal(*backend, Signal::KILL);
        }
        self.collected()?;
        anyhow::ensure!(
            holds_within(SERVER_LIMIT, || !backends.iter().copied().any(is_running)),
            "processes of the killed server did not end in {SERVER_LIMIT:?}"
        );
        Ok(())
    }

    /// Gives the cluster's directory to the account that the server runs as.
    fn own_directory(&self) -> anyhow::Result<()> {
        if let Some(account) = self.installation.account {
            chown(
                self.watchdog.directory(),
                Some(account.user),
                Some(account.group),
            )
            .context("can't hand the cluster's directory over")?;
        }
        Ok(())
    }

    fn initialize(&self, tls: Option<&ServerTls>) -> anyhow::Result<()> {
        self.own_directory()?;
        if let Some(tls) = tls {
            self.write_file(CERTIFICATE, &tls.certificate_pem)?;
            self.write_file(KEY, &tls.key_pem)?;
        }
        let password_file = self.write_file("password", &self.password)?;
        let status = self
            .command("initdb")?
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
            ])
            .status()
            .context("can't start `initdb`")?;
        anyhow::ensure!(
            status.success(),
            "`initdb` failed ({status}): {}",
            self.log_tail()
        );
        fs::remove_file(password_file).context("can't remove the password file")
    }

    /// Forgets the server, which has ended and was waited for.
    fn collected(&mut self) -> anyhow::Result<()> {
        self.server = None;
        self.watchdog.forget()
    }

    fn command(&self, binary: &str) -> anyhow::Result<Command> {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .context("can't open the server's log")?;
        self.watchdog.guarded(
            &self.installation.binary(binary),
            self.installation.account,
            log,
        )
    }

    /// Writes a file that only the server's account can read, as Postgres demands of a key.
    fn write_file(&self, name: &str, content: &str) -> anyhow::Result<PathBuf> {
        let path = self.watchdog.directory().join(name);
        let mut file = File::options()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("can't create the file `{name}`"))?;
        file.write_all(content.as_bytes())
            .with_context(|| format!("can't write the file `{name}`"))?;
        if let Some(account) = self.installation.account {
            chown(&path, Some(account.user), Some(account.group))
                .with_context(|| format!("can't hand the file `{name}` over"))?;
        }
        Ok(path)
    }

    fn data(&self) -> PathBuf {
        self.watchdog.directory().join("data")
    }

    fn log(&self) -> PathBuf {
        self.watchdog.directory().join("log")
    }

    /// The last lines of the server's log.
    fn log_tail(&self) -> String {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.watchdog.release();
        if let Some(server) = &mut self.server {
            // The watchdog sees it gone only once it is collected. This fails only when it was collected before.
            let _ = server.wait();
        }
    }
}

/// Reads the lock file as `pg_ctl` does: its first line is the server's process ID, its eighth the server's state.
fn is_ready(data: &Path, id: u32) -> bool {
    let lock = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
    let mut lines = lock.lines();
    lines.next() == Some(&id.to_string()) && lines.nth(6).map(str::trim) == Some("ready")
}

fn signal(id: u32, signal: Signal) -> anyhow::Result<()> {
    let pid = i32::try_from(id)
        .ok()
        .and_then(Pid::from_raw)
        .context("not a process ID")?;
    kill_process(pid, signal).with_context(|| format!("can't signal process {id}"))
}

fn children_of(id: u32) -> anyhow::Result<Vec<u32>> {
    let ids = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))
        .context("can't list the server's processes")?;
    Ok(ids
        .split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect())
}

/// A loopback port that stays this process's own while the server is down.
///
/// Bound but never listened on: a server may listen there (both sides set `SO_REUSEADDR`, as Postgres does), connections
/// are refused while none does, and the system hands the port to nobody else, neither for listening nor for connecting.
struct ReservedPort {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl ReservedPort {
    fn new() -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self {
            address: socket.local_addr()?,
            _socket: socket,
        })
    }
}
