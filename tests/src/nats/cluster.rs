//! A cluster of NATS nodes, or a single one.

use std::path::PathBuf;

use super::node::Node;
use super::options::NatsOptions;
use super::or_fail;
use super::release::NatsRelease;
use crate::process::holds_within;
use crate::server::SERVER_LIMIT;

/// NATS servers with JetStream of the test's own, on ports of 127.0.0.1 that stay the same across
/// restarts.
///
/// They are stopped and their files are removed when the value is dropped, or when the test process
/// ends in any other way. Calls block their thread: for some seconds while nodes elect a leader,
/// otherwise for less than one.
///
/// # Panics
///
/// Every call panics if a node does not comply within a minute.
pub struct NatsCluster {
    nodes: Vec<Node>,
}

impl NatsCluster {
    /// Creates and starts the nodes, and waits until all take part and JetStream has a leader.
    #[must_use]
    pub fn new(options: &NatsOptions) -> Self {
        or_fail(Self::start(options))
    }

    /// Starts one server.
    #[must_use]
    pub fn single() -> Self {
        Self::new(&NatsOptions::default())
    }

    /// Starts three nodes, the least number that survives the loss of one.
    #[must_use]
    pub fn of_three() -> Self {
        Self::new(&NatsOptions {
            nodes: 3,
            ..NatsOptions::default()
        })
    }

    fn start(options: &NatsOptions) -> anyhow::Result<Self> {
        let mut nodes = (0..options.nodes)
            .map(|index| Node::new(format!("node-{index}"), options.release))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let routes: Vec<String> = nodes.iter().map(Node::route).collect();
        for node in &mut nodes {
            node.configure(&routes, options)?;
            node.start()?;
        }
        let mut cluster = Self { nodes };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// Returns the URLs of the nodes, `nats://127.0.0.1:PORT`, in their order.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Node::url).collect()
    }

    /// Returns the URLs with commas between them.
    #[must_use]
    pub fn url(&self) -> String {
        self.urls().join(",")
    }

    /// Returns a node, to act on it.
    ///
    /// # Panics
    ///
    /// If there is no such node.
    pub fn node(&mut self, index: usize) -> NatsNode<'_> {
        assert!(index < self.nodes.len(), "there is no node {index}");
        NatsNode {
            cluster: self,
            index,
        }
    }

    /// Returns the index of the node that leads the stream, in any account. It waits until a node
    /// is the leader. A single server is its own.
    ///
    /// # Panics
    ///
    /// If none leads within a minute.
    #[must_use]
    pub fn stream_leader(&self, stream: &str) -> usize {
        if self.nodes.len() == 1 {
            return 0;
        }
        let mut leader = None;
        let led = holds_within(SERVER_LIMIT, || {
            leader = self.nodes.iter().position(|node| node.leads(stream));
            leader.is_some()
        });
        assert!(led, "no node led the stream {stream} in {SERVER_LIMIT:?}");
        leader.unwrap_or_default()
    }

    /// Waits until all running nodes take part. If they are too few for a quorum, it waits until
    /// each listens.
    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let running = self.nodes.iter().filter(|node| node.runs()).count();
        let is_majority = running * 2 > self.nodes.len();
        for node in self.nodes.iter_mut().filter(|node| node.runs()) {
            if is_majority {
                node.wait_until_healthy()?;
            } else {
                node.wait_until_up()?;
            }
        }
        Ok(())
    }
}

/// One node of a [`NatsCluster`].
pub struct NatsNode<'a> {
    cluster: &'a mut NatsCluster,
    index: usize,
}

impl NatsNode<'_> {
    /// Kills the node (SIGKILL): its connections break silently. Does nothing while it is stopped.
    pub fn kill(&mut self) {
        or_fail(self.here().kill());
    }

    /// Stops the node as an operator does (SIGTERM). Does nothing while it is stopped.
    pub fn stop(&mut self) {
        or_fail(self.here().stop());
    }

    /// Restarts the node with its data, and waits until it takes part. If too few nodes run for
    /// that, it waits until the node listens. Does nothing while it runs.
    pub fn restart(&mut self) {
        or_fail(self.here().start());
        or_fail(self.cluster.wait_until_ready());
    }

    /// Sets the release that the node has from its next start on.
    pub fn set_release(&mut self, release: NatsRelease) {
        or_fail(self.here().set_release(release));
    }

    /// Returns the name by which the other nodes know it.
    #[must_use]
    pub fn name(&mut self) -> String {
        self.here().name().to_owned()
    }

    /// Returns the process ID while the node runs.
    #[must_use]
    pub fn id(&mut self) -> Option<u32> {
        self.here().id()
    }

    /// Returns the directory of the node.
    #[must_use]
    pub fn directory(&mut self) -> PathBuf {
        self.here().directory().to_owned()
    }

    fn here(&mut self) -> &mut Node {
        &mut self.cluster.nodes[self.index]
    }
}
