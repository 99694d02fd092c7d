//! `tracker completions` and `tracker man`.

use std::{
    env,
    ffi::OsStr,
    io::{self, Write as _},
};

use clap::{Args, Command};
use clap_complete::Shell;

use super::{failure::UsageError, moment, output::OutputError};

/// The day of the release whose pages these are.
const RELEASED: &str = "2026-11-28";

/// The environment variable that packagers set to the time of a package, in seconds since 1970.
const DATE_VARIABLE: &str = "SOURCE_DATE_EPOCH";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  tracker completions bash > /etc/bash_completion.d/tracker
  tracker completions zsh > ~/.zfunc/_tracker
  tracker completions fish > ~/.config/fish/completions/tracker.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  tracker man | man -l -
  tracker man list > /usr/local/share/man/man1/tracker-list.1";

/// Prints what a shell needs to complete the command line
#[derive(Args)]
#[command(after_long_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

/// Prints the manual page of tracker, or of one of its commands
#[derive(Args)]
#[command(after_long_help = MAN_EXAMPLES)]
pub(crate) struct ManArguments {
    /// The command
    command: Vec<String>,
}

/// Prints the completions of `tracker`, the command line of the program.
pub(crate) fn run(arguments: &Arguments, mut tracker: Command) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut tracker, "tracker", &mut script);
    print(&script)
}

/// Prints the manual page of `tracker`, the command line of the program, or of a command below it.
pub(crate) fn run_man(arguments: &ManArguments, mut tracker: Command) -> anyhow::Result<()> {
    tracker.build();
    let mut command = &tracker;
    for name in &arguments.command {
        command = command
            .find_subcommand(name)
            .ok_or_else(|| UsageError::new(format!("there is no command {name:?}")))?;
    }
    let date = date(env::var_os(DATE_VARIABLE).as_deref())?;
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone())
        .date(date)
        .render(&mut page)?;
    print(&page)
}

/// Returns the date of a page: the day of the variable's time, which packagers set so that a page
/// can be made again, or else that of the release.
fn date(variable: Option<&OsStr>) -> Result<String, UsageError> {
    let Some(text) = variable else {
        return Ok(RELEASED.to_owned());
    };
    let seconds = text.to_str().and_then(|text| text.parse::<i64>().ok());
    let ms = seconds.and_then(|seconds| seconds.checked_mul(1_000));
    ms.map(moment::day).ok_or_else(|| {
        let message = "is no number of seconds since 1970: correct it, or leave it out";
        UsageError::new(format!("{DATE_VARIABLE} {message}"))
    })
}

fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let printed = stdout.write_all(bytes).and_then(|()| stdout.flush());
    Ok(printed.map_err(OutputError::from)?)
}
