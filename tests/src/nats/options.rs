//! The options of a cluster.

use super::release::NatsRelease;

/// The options of a [`NatsCluster`](super::NatsCluster). The default is one server without
/// authentication.
#[derive(Clone)]
pub struct NatsOptions {
    /// The number of servers. More than one form a cluster.
    pub nodes: usize,
    /// Settings in the form of `nats-server`'s file, for every node, after its own ones. The last
    /// setting of a name counts. Without any, a node gives JetStream 64 MB of memory and 1 GB of
    /// disk.
    pub settings: String,
    /// Files beside the settings, by name and content, to which settings refer: certificates and
    /// keys.
    pub files: Vec<(String, String)>,
    /// The release of the nodes.
    pub release: NatsRelease,
}

impl Default for NatsOptions {
    fn default() -> Self {
        Self {
            nodes: 1,
            settings: String::new(),
            files: Vec::new(),
            release: NatsRelease::Usual,
        }
    }
}
