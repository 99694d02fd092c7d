//! `tracker journal`: the journals of a machine's workers.

mod check;
mod counting;
mod dead_letters;
mod holder;
mod none;
mod replay;
mod status;

use clap::{Args, Subcommand};

use super::settings::Settings;

const EXAMPLES: &str = "\
Examples:
  tracker journal status /var/lib/worker/journals             what waits, since when, and who has it
  tracker journal replay /var/lib/worker/journals             delivers what ended processes have left
  tracker journal dead-letters /var/lib/worker/journals       what the store refused, and why
  tracker journal check /var/lib/worker/journals              whether the files are sound

Workers with a journal keep there what is not in the store yet. All of this can be done while they run.";

/// Looks after the journals of this machine's workers
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Status(status::Arguments),
    Replay(replay::Arguments),
    DeadLetters(dead_letters::Arguments),
    Check(check::Arguments),
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    match arguments.command {
        Command::Status(arguments) => status::run(&arguments),
        Command::Replay(arguments) => replay::run(arguments, settings).await,
        Command::DeadLetters(arguments) => dead_letters::run(&arguments).await,
        Command::Check(arguments) => check::run(&arguments),
    }
}
