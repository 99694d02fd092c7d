//! `tracker journal status`.

use std::{
    iter,
    path::{Path, PathBuf},
};

use clap::Args;
use indicatif::BinaryBytes;
use serde_json::json;
use tracker_core::journal::{JournalStatus, inspect};

use super::{holder::holder, none::tell_of_none};
use crate::{
    columns::in_columns,
    failure::{self, PartlyError, note},
    moment,
    number::{counted, grouped},
    output::Output,
};

const EXAMPLES: &str = "\
Examples:
  tracker journal status /var/lib/worker/journals
  tracker journal status /var/lib/worker/journals --json | jq 'select(.waiting > 0)'";

/// Tells what is in each journal, and which process has it; exit code 3 if one can't be read
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The directory of the journals
    directory: PathBuf,
    /// As JSON, one journal on each line
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let journals = inspect(&arguments.directory)?;
    if journals.is_empty() {
        tell_of_none(&arguments.directory);
        return Ok(());
    }
    let mut output = Output::new();
    if arguments.json {
        for journal in &journals {
            output.json(&as_json(journal))?;
        }
        output.flush()?;
        return all_are_readable(&journals, &arguments.directory);
    }
    output.text(&table(&journals))?;
    output.flush()?;
    for journal in &journals {
        if let Err(error) = &journal.contents {
            note(&failure::line(error));
        }
    }
    all_are_readable(&journals, &arguments.directory)
}

/// Returns an error, for the exit code, if some journals could not be read.
fn all_are_readable(journals: &[JournalStatus], directory: &Path) -> anyhow::Result<()> {
    let unreadable = journals.iter().filter(|journal| journal.contents.is_err());
    let unreadable = unreadable.count() as u64;
    if unreadable == 0 {
        return Ok(());
    }
    let journals = counted(unreadable, "journal", "journals");
    let message = format!(
        "{journals} can't be read: `tracker journal check {}` tells what is wrong",
        directory.display()
    );
    Err(PartlyError(message).into())
}

fn as_json(journal: &JournalStatus) -> serde_json::Value {
    let contents = journal.contents.as_ref().ok();
    let error = journal.contents.as_ref().err();
    json!({
        // A path that is not UTF-8 has no JSON form.
        "journal": journal.path.to_string_lossy(),
        "is_held": journal.is_held,
        "process": process(journal),
        "waiting": contents.map(|contents| contents.waiting),
        "oldest": contents.and_then(|contents| contents.oldest),
        "dead_letters": contents.map(|contents| contents.dead_letters),
        "bytes": journal.bytes,
        "error": error.map(|error| failure::line(error)),
    })
}

fn table(journals: &[JournalStatus]) -> String {
    let header = [
        "JOURNAL",
        "HELD BY",
        "WAITING",
        "OLDEST (UTC)",
        "DEAD LETTERS",
        "SIZE",
    ];
    let rows = journals.iter().map(|journal| {
        let name = journal.path.file_name().unwrap_or_default();
        let (waiting, oldest, dead_letters) = match &journal.contents {
            Ok(contents) => (
                grouped(contents.waiting),
                contents.oldest.map(moment::shown).unwrap_or_default(),
                grouped(contents.dead_letters),
            ),
            Err(_) => ("unreadable".to_owned(), String::new(), String::new()),
        };
        [
            name.to_string_lossy().into_owned(),
            holder_text(journal),
            waiting,
            oldest,
            dead_letters,
            BinaryBytes(journal.bytes).to_string(),
        ]
    });
    in_columns(iter::once(header.map(str::to_owned)).chain(rows))
}

pub(super) fn holder_text(journal: &JournalStatus) -> String {
    match (journal.is_held, process(journal)) {
        (true, Some(process)) => format!("process {process}"),
        (true, None) => "a process".to_owned(),
        (false, _) => "nobody".to_owned(),
    }
}

fn process(journal: &JournalStatus) -> Option<u32> {
    holder(&journal.path).filter(|_| journal.is_held)
}
