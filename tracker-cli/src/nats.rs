//! `tracker nats`: the streams between the workers and the relays.

mod dead_letters;
mod setup;

use clap::{Args, Subcommand};
use tracker_core::nats::NatsOptions;

use super::{failure::UsageError, settings::Settings};

const EXAMPLES: &str = "\
Examples:
  tracker nats setup --nats nats://admin@nats.example          makes the streams, of three replicas
  tracker nats setup --nats nats://localhost --replicas 1      on a single server
  tracker nats setup --check                                   whether they are as they should be
  tracker nats dead-letters                                    what the store refused, and why

The URL names the servers, the stream and how to log in, as in

  tls://nats-1.example,nats-2.example?credentials=/etc/tracker/admin.creds&stream=ACTIVITIES

In the configuration file it is `nats = \"...\"`.";

/// Looks after the NATS streams that bring activities from the workers to the store
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Setup(setup::Arguments),
    DeadLetters(dead_letters::Arguments),
}

/// The option that names the servers, for every command that connects to them.
#[derive(Args, Clone, Debug)]
pub(crate) struct Servers {
    /// The NATS servers and the stream: nats://USER@HOST,HOST?stream=NAME
    ///
    /// A password is better kept in the environment, in the configuration file or in a credentials file: others can see the command lines
    /// of a machine.
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

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    match arguments.command {
        Command::Setup(arguments) => setup::run(&arguments, settings).await,
        Command::DeadLetters(arguments) => dead_letters::run(&arguments, settings).await,
    }
}
