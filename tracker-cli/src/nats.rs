//! `tracker nats`: the streams between the workers and the relays.

mod dead_letters;
mod servers;
mod setup;

use clap::{Args, Subcommand};

pub(crate) use self::servers::Servers;
use super::settings::Settings;

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

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    match arguments.command {
        Command::Setup(arguments) => setup::run(&arguments, settings).await,
        Command::DeadLetters(arguments) => dead_letters::run(&arguments, settings).await,
    }
}
