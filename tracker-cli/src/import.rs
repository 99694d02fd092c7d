//! `tracker import`.

mod array;
mod characters;
mod created_at;
mod entry;
mod input;
mod lines;
mod map;
mod outcome;
mod preview;
mod recognise;
mod table;
mod unpack;
mod writing;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;

use self::{
    input::{Entries, Reading},
    map::Map,
    outcome::Outcome,
    preview::preview,
    writing::Import,
};
use super::{failure::note, formulas::FormulasArgument, output::print, settings::Settings};

const EXAMPLES: &str = "\
Examples:
  tracker import activities.jsonl
  tracker import activities.csv.gz
  curl https://tracker.example.org/export.jsonl | tracker import -
  tracker import --keep-going activities.jsonl 2> bad-lines.txt
  tracker import --map old-log.toml --dry-run old-log.csv

The input is what `tracker export` and the API write: the JSON of an activity on each line, or CSV with a header, in UTF-8; or a JSON array of activities. \
A line:

  {\"action_id\":\"a1\",\"project_id\":\"p7\",\"action_type\":\"deployment\",\"created_at\":1795507291000}

The keys are action_id, project_id, user_id, request_id, action_type, action_details, status, environment, reference_ids and created_at. The action_id and one more are \
enough. The time in created_at is a number of milliseconds since 1970, in UTC, or a text such as 2026-11-24T08:01:31Z (RFC 3339). \
The input may be compressed by gzip or zstd. It is recognised by how it begins, not by its name, and is read piece by piece: an activity has 1 MiB at most. \
An activity that is there already, by its action_id, stays as it is and is counted apart: what has been imported in part can be imported again.

What is no activity, or is refused by the store, ends the import after what comes before it (exit code 1). With --keep-going it is told on \
stderr and passed over; when all others are imported, the exit code is 3. What no store holds becomes U+FFFD, as when it is recorded: NUL, and half of a \
surrogate pair. In CSV an empty field is a missing value, and the apostrophe before what looks like a formula is taken off, unless --formulas raw says that there is none.

With --map the input has the rows of another log, as CSV with a header or as JSON. The map is a file of TOML whose keys are the columns of an activity:

  action_id = { log = \"shop.audit\", old_id = \"{id}\" }
  created_at = { from = \"{at}\", format = \"date-time\", zone = \"UTC\" }
  project_id = \"{shop}\"
  user_id = \"{actor}\"
  action_type = { from = \"{event}\", values = { create = \"order_created\" } }
  action_details = \"{event} {order}\"
  [[reference_ids]]
  name = \"order_id\"
  id = \"{data/order/id}\"

The action ID is made of the time and the old ID, always the same, so what has been imported is there already when it is imported again. \
What the map does not use is told at the end. docs/guide/moving-an-old-log.md explains all of it.";

/// Writes exported activities, or the rows of another log, into the store
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The file; - is stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// Passes over what can't be imported, each of which is told on stderr
    #[arg(short, long)]
    keep_going: bool,
    /// Takes rows of another log, which this file says how to read
    #[arg(long, value_name = "FILE", conflicts_with = "formulas")]
    map: Option<PathBuf>,
    /// Shows the first three activities and counts all, and writes nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    formulas: FormulasArgument,
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let reading = match &arguments.map {
        Some(file) => Reading::Other(Map::read(file)?.into()),
        None => Reading::Exported(arguments.formulas.into()),
    };
    if arguments.dry_run {
        let mut entries = entries(&arguments.file, reading)?;
        let mut outcome = Outcome::new(entries.noun(), arguments.keep_going);
        let result = preview(&mut entries, &mut outcome);
        return end(result, &entries, &outcome, &outcome.preview());
    }
    let store = settings.open()?;
    store.check().await?;
    let mut entries = entries(&arguments.file, reading)?;
    let outcome = Outcome::new(entries.noun(), arguments.keep_going);
    let mut import = Import::new(&*store, outcome);
    let result = import.all(&mut entries).await;
    let outcome = import.end();
    end(result, &entries, &outcome, &outcome.summary())
}

/// Begins to read the file.
fn entries(file: &Path, reading: Reading) -> anyhow::Result<Entries> {
    let input: Box<dyn Read> = if file.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        let opened = File::open(file);
        Box::new(opened.with_context(|| format!("can't read {}", file.display()))?)
    };
    Entries::of(input, reading).context("can't read the input")
}

/// Tells how it ended.
fn end(
    result: anyhow::Result<()>,
    entries: &Entries,
    outcome: &Outcome,
    summary: &str,
) -> anyhow::Result<()> {
    if let Err(error) = result {
        note(&format!("{summary} before it failed"));
        return Err(error);
    }
    print(summary)?;
    for text in entries.notes() {
        note(&text);
    }
    outcome.of_all()
}
