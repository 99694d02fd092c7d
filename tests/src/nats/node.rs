//! One `nats-server`: its settings, its ports and its process.

use std::path::{Path, PathBuf};

use rustix::process::Signal;

use super::monitoring;
use super::options::NatsOptions;
use super::release::NatsRelease;
use crate::server::{ReservedPort, Server};

const SETTINGS: &str = "nats.conf";

pub(super) struct Node {
    name: String,
    binary: PathBuf,
    server: Server,
    client: ReservedPort,
    routes: ReservedPort,
    monitoring: ReservedPort,
}

impl Node {
    /// Creates a node, not yet started and without settings.
    pub(super) fn new(name: String, release: NatsRelease) -> anyhow::Result<Self> {
        Ok(Self {
            name,
            binary: release.binary()?,
            server: Server::new("nats", None)?,
            client: ReservedPort::new()?,
            routes: ReservedPort::new()?,
            monitoring: ReservedPort::new()?,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn url(&self) -> String {
        format!("nats://{}", self.client.address())
    }

    /// Sets the release that the node has from its next start on.
    pub(super) fn set_release(&mut self, release: NatsRelease) -> anyhow::Result<()> {
        self.binary = release.binary()?;
        Ok(())
    }

    /// Returns the address at which the other nodes reach it.
    pub(super) fn route(&self) -> String {
        format!("nats-route://{}", self.routes.address())
    }

    /// Writes the settings, with the routes to all nodes if there is more than one.
    pub(super) fn configure(&self, routes: &[String], options: &NatsOptions) -> anyhow::Result<()> {
        for (name, content) in &options.files {
            self.server.write_file(name, content)?;
        }
        let (name, client) = (&self.name, self.client.address());
        let (own_route, monitoring) = (self.routes.address(), self.monitoring.address());
        let cluster = if routes.len() > 1 {
            let routes = routes.join(", ");
            format!(
                "cluster {{ name: tests, listen: \"{own_route}\", no_advertise: true, routes: [{routes}] }}"
            )
        } else {
            String::new()
        };
        let settings = format!(
            "server_name: {name}\nlisten: \"{client}\"\nhttp: \"{monitoring}\"\n\
             jetstream {{ store_dir: \"jetstream\", max_mem: 64MB, max_file: 1GB }}\n{cluster}\n{}\n",
            options.settings
        );
        self.server.write_file(SETTINGS, &settings)?;
        Ok(())
    }

    pub(super) fn runs(&self) -> bool {
        self.server.id().is_some()
    }

    /// Starts the process, without waiting for anything. Does nothing while it runs.
    pub(super) fn start(&mut self) -> anyhow::Result<()> {
        if self.runs() {
            return Ok(());
        }
        let mut command = self.server.command(&self.binary)?;
        command.args(["--config", SETTINGS]);
        self.server.spawn(command)
    }

    /// Waits until the node listens.
    pub(super) fn wait_until_up(&mut self) -> anyhow::Result<()> {
        let address = self.monitoring.address();
        self.server.wait_until_ready(|| monitoring::is_up(address))
    }

    /// Waits until the node takes part in its cluster.
    pub(super) fn wait_until_healthy(&mut self) -> anyhow::Result<()> {
        let address = self.monitoring.address();
        self.server
            .wait_until_ready(|| monitoring::is_healthy(address))
    }

    /// Returns true if this node runs and reports that it leads the stream.
    pub(super) fn leads(&self, stream: &str) -> bool {
        self.runs()
            && monitoring::leader_of(self.monitoring.address(), stream)
                .is_ok_and(|leader| leader.as_ref() == Some(&self.name))
    }

    pub(super) fn kill(&mut self) -> anyhow::Result<()> {
        self.server.kill()
    }

    pub(super) fn stop(&mut self) -> anyhow::Result<()> {
        self.server.stop(Signal::TERM)
    }

    /// Returns the directory of the node.
    pub(super) fn directory(&self) -> &Path {
        self.server.directory()
    }

    pub(super) fn id(&self) -> Option<u32> {
        self.server.id()
    }
}
