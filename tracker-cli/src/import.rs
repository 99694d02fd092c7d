//! `tracker import`.

mod array;
mod characters;
mod created_at;
mod entry;
mod input;
mod lines;
mod outcome;
mod recognise;
mod table;
mod unpack;
mod writing;

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Args;

use self::{input::Entries, outcome::Outcome, writing::Import};
use super::{failure::note, formulas::FormulasArgument, output::print, settings::Settings};

const EXAMPLES: &str = "\
Examples:
  tracker import activities.jsonl
  tracker import activities.csv.gz
  curl https://tracker.example.org/export.jsonl | tracker import -
  tracker import --keep-going activities.jsonl 2> bad-lines.txt

The input is what `tracker export` and the API write: the JSON of an activity on each line, or CSV with a header, in UTF-8; or a JSON array of activities. \
A line:

  {\"action_id\":\"a1\",\"project_id\":\"p7\",\"action_type\":\"deployment\",\"created_at\":1795507291000}

The keys are action_id, project_id, user_id, request_id, action_type, action_details, status, environment, reference_ids and created_at. The action_id and one more are \
enough. The time in created_at is a number of milliseconds since 1970, in UTC, or a text such as 2026-11-24T08:01:31Z (RFC 3339). \
The input may be compressed by gzip or zstd. It is recognised by how it begins, not by its name, and is read piece by piece: an activity has 1 MiB at most. \
An activity that is there already, by its action_id, stays as it is and is counted apart: what has been imported in part can be imported again.

What is no activity, or is refused by the store, ends the import after what comes before it (exit code 1). With --keep-going it is told on \
stderr and passed over; when all others are imported, the exit code is 3. What no store holds becomes U+FFFD, as when it is recorded: NUL, and half of a \
surrogate pair. In CSV an empty field is a missing value, and the apostrophe before what looks like a formula is taken off, unless --formulas raw says that there is none.";

/// Writes exported activities into the store
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The file; - is stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// Passes over what can't be imported, each of which is told on stderr
    #[arg(short, long)]
    keep_going: bool,
    #[command(flatten)]
    formulas: FormulasArgument,
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let store = settings.open()?;
    store.check().await?;
    let input: Box<dyn Read> = if arguments.file.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        let file = File::open(&arguments.file)
            .with_context(|| format!("can't read {}", arguments.file.display()))?;
        Box::new(file)
    };
    let mut entries =
        Entries::of(input, arguments.formulas.into()).context("can't read the input")?;
    let outcome = Outcome::new(entries.noun(), arguments.keep_going);
    let mut import = Import::new(&*store, outcome);
    let result = import.all(&mut entries).await;
    let outcome = import.end();
    let summary = outcome.summary();
    if let Err(error) = result {
        note(&format!("{summary} before it failed"));
        return Err(error);
    }
    print(&summary)?;
    outcome.of_all()
}
