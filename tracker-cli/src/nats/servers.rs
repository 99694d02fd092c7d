//! The option that names the NATS servers.

use clap::Args;
use tracker_core::nats::NatsOptions;

use crate::{failure::UsageError, settings::Settings};

/// The option that names the servers, for every command that connects to them.
#[derive(Args, Clone, Debug)]
pub(crate) struct Servers {
    /// The NATS servers and the stream: nats://USER@HOST,HOST?stream=NAME
    ///
    /// A password is better kept in the environment, in the configuration file or in a credentials
    /// file: others can see the command lines of a machine.
    #[arg(long, value_name = "URL", env = "TRACKER_NATS", hide_env_values = true)]
    nats: Option<String>,
}

impl Servers {
    /// Returns the URL of the command line, of the environment, or of the configuration file.
    pub(crate) fn url(&self, settings: &Settings) -> anyhow::Result<String> {
        let url = self.nats.clone().or(settings.configuration.nats.clone());
        let message = "which NATS servers? Name them with --nats, as in --nats nats://localhost";
        Ok(url.ok_or_else(|| UsageError::new(message))?)
    }

    pub(crate) fn options(&self, settings: &Settings) -> anyhow::Result<NatsOptions> {
        let url = self.url(settings)?;
        let options = NatsOptions::parse(&url);
        Ok(options.map_err(|error| {
            UsageError::with_source("the URL of the NATS servers can't be understood", error)
        })?)
    }
}
