//! `tracker journal check`.

use std::path::PathBuf;

use clap::Args;
use tracker_core::journal::{check, damaged as set_aside};

use super::none::tell_of_none;
use crate::{
    number::{activities, counted},
    output::Output,
};

const EXAMPLES: &str = "\
Examples:
  tracker journal check /var/lib/worker/journals

It changes nothing. A worker that starts sets a damaged journal aside, and moves everything that can be read of it into a new one.";

/// Tells whether the files are sound; exit code 1 if one is not
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The directory of the journals
    directory: PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let checks = check(&arguments.directory)?;
    let aside = set_aside(&arguments.directory)?;
    if checks.is_empty() && aside.is_empty() {
        tell_of_none(&arguments.directory);
        return Ok(());
    }
    let mut output = Output::new();
    let mut damaged = 0;
    for check in &checks {
        let path = check.path.display();
        let readable = activities(check.readable);
        if check.faults.is_empty() && check.unreadable == 0 {
            output.line(&format!("{path}: sound, {readable}"))?;
            continue;
        }
        damaged += 1;
        let unreadable = match check.unreadable {
            0 => "nobody can tell how many more it held".to_owned(),
            unreadable => format!("{} can't", activities(unreadable)),
        };
        output.line(&format!(
            "{path}: DAMAGED, {readable} can be read, {unreadable}"
        ))?;
        for fault in check.faults.iter().flat_map(|fault| fault.lines()) {
            output.line(&format!("  {fault}"))?;
        }
    }
    for path in aside {
        output.line(&format!(
            "{}: set aside as damaged, after what could be read of it was moved; remove it once you know why",
            path.display()
        ))?;
    }
    output.flush()?;
    anyhow::ensure!(
        damaged == 0,
        "{} damaged: `tracker --store URL journal replay {}`, or the next worker that starts there, moves what can be \
         read into the store and sets the file aside; a worker that has it does so by itself",
        counted(damaged, "journal is", "journals are"),
        arguments.directory.display()
    );
    Ok(())
}
