//! `tracker import`.

mod array;
mod characters;
mod created_at;
mod entry;
mod input;
mod lines;
mod recognise;
mod table;
mod unpack;

use std::{
    fs::File,
    io::{self, Read},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Args;
use tracker_core::{Activity, Store, StoreError, store::Batch};

use self::{entry::Entry, input::Entries};
use super::{
    bar::Bar,
    failure::{self, PartlyError, note},
    formulas::FormulasArgument,
    number::{activities, counted},
    output::print,
    settings::Settings,
};

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

/// The most activities that are written at once.
const BATCH_ROWS: usize = 1_000;

/// The most bytes of input that are written at once, because lines may be long.
const BATCH_BYTES: usize = 8 << 20;

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
    let entries = Entries::of(input, arguments.formulas.into()).context("can't read the input")?;
    let mut import = Import {
        store: &*store,
        keep_going: arguments.keep_going,
        waiting: Vec::new(),
        waiting_bytes: 0,
        done: Done::new(entries.noun()),
        bar: Bar::new(None),
    };
    let result = import.all(entries).await;
    let Import { done, bar, .. } = import;
    drop(bar);
    let summary = done.summary();
    if let Err(error) = result {
        note(&format!("{summary} before it failed"));
        return Err(error);
    }
    print(&summary)?;
    done.of_all()
}

/// The outcome of the entries so far.
struct Done {
    /// The words for an entry and for several.
    noun: [&'static str; 2],
    imported: u64,
    /// True if the store tells which activities it had.
    is_told: bool,
    /// The number of activities that the store had, as far as it tells.
    were_there: u64,
    passed_over: u64,
    /// The number of the first entry that was skipped.
    first_passed_over: Option<u64>,
    /// The number of entries with characters that no store holds.
    repaired: u64,
}

impl Done {
    fn new(noun: [&'static str; 2]) -> Self {
        Self {
            noun,
            imported: 0,
            is_told: true,
            were_there: 0,
            passed_over: 0,
            first_passed_over: None,
            repaired: 0,
        }
    }

    /// Returns a number of entries with their noun.
    fn entries(&self, count: u64) -> String {
        let [one, many] = self.noun;
        counted(count, one, many)
    }

    fn summary(&self) -> String {
        let mut summary = if self.is_told {
            let new = counted(self.imported, "new activity", "new activities");
            format!("imported {new}")
        } else {
            format!("imported {}", activities(self.imported))
        };
        if self.were_there > 0 {
            summary += "; ";
            summary += &counted(self.were_there, "was", "were");
            summary += " there already";
        }
        if self.passed_over > 0 {
            summary += "; passed over ";
            summary += &self.entries(self.passed_over);
        }
        if self.repaired > 0 {
            summary += "; put U+FFFD for characters that no store holds into ";
            summary += &self.entries(self.repaired);
        }
        summary
    }

    /// Returns true if everything is imported.
    fn of_all(&self) -> anyhow::Result<()> {
        let Some(first) = self.first_passed_over else {
            return Ok(());
        };
        let entries = self.entries(self.passed_over);
        let were = if self.passed_over == 1 { "was" } else { "were" };
        let one = self.noun[0];
        let message = format!(
            "{entries} {were} not imported, the first of them {one} {first}: mend them and import the file again"
        );
        Err(PartlyError(message).into())
    }
}

/// A running import.
struct Import<'a> {
    store: &'a dyn Store,
    keep_going: bool,
    /// The activities that are not yet written, each with the number of its entry.
    waiting: Vec<(u64, Activity)>,
    waiting_bytes: usize,
    done: Done,
    bar: Bar,
}

impl Import<'_> {
    async fn all(&mut self, mut entries: Entries) -> anyhow::Result<()> {
        while let Some(entry) = self.next_of(&mut entries).await? {
            match entry.activity {
                Ok(activity) => {
                    self.done.repaired += u64::from(entry.is_repaired);
                    self.waiting.push((entry.number, activity));
                    self.waiting_bytes += entry.bytes;
                }
                Err(error) => {
                    // The entries before it are imported first, so that the rest can follow once
                    // it is mended.
                    self.write().await?;
                    self.pass_over(entry.number, error.into())?;
                }
            }
            if self.waiting.len() >= BATCH_ROWS || self.waiting_bytes >= BATCH_BYTES {
                self.write().await?;
            }
        }
        self.write().await
    }

    /// Reads the next entry. Where the input ends in a fault, what comes before it is imported.
    async fn next_of(&mut self, entries: &mut Entries) -> anyhow::Result<Option<Entry>> {
        match entries.next() {
            Ok(entry) => Ok(entry),
            Err(error) => {
                self.write().await?;
                Err(error).context("can't read the input")
            }
        }
    }

    async fn write(&mut self) -> anyhow::Result<()> {
        self.waiting_bytes = 0;
        let waiting = std::mem::take(&mut self.waiting);
        let all = waiting.iter().map(|(_, activity)| activity.clone());
        let batch: Batch = all.collect();
        match self.store.write_counted(batch.retry()).await {
            Ok(new) => self.count(waiting.len() as u64, new),
            Err(error) if may_be_of_a_row(&error) => self.write_each(waiting).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Writes one by one, to find the rows that the store refuses.
    async fn write_each(&mut self, waiting: Vec<(u64, Activity)>) -> anyhow::Result<()> {
        for (number, activity) in waiting {
            let batch = Batch::from(vec![activity]).retry();
            match self.store.write_counted(batch).await {
                Ok(new) => self.count(1, new),
                Err(error) if may_be_of_a_row(&error) => {
                    if !matches!(
                        error,
                        StoreError::Refused { .. } | StoreError::MissingReference { .. }
                    ) {
                        // A store that takes no row at all has no permanent error of this row.
                        self.store.check().await?;
                    }
                    self.pass_over(number, error.into())?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Counts the written activities, and the new ones among them if the store tells.
    fn count(&mut self, written: u64, new: Option<u64>) {
        self.done.is_told &= new.is_some() || written == 0;
        let new = new.unwrap_or(written);
        self.done.imported += new;
        self.done.were_there += written.saturating_sub(new);
        self.bar.add(written);
    }

    fn pass_over(&mut self, number: u64, error: anyhow::Error) -> anyhow::Result<()> {
        let [one, many] = self.done.noun;
        if !self.keep_going {
            return Err(error.context(format!(
                "{one} {number} can't be imported: mend it, or pass over such {many} with --keep-going"
            )));
        }
        self.done.passed_over += 1;
        self.done.first_passed_over.get_or_insert(number);
        note(&format!("{one} {number}: {}", failure::line(&*error)));
        Ok(())
    }
}

/// Returns true if other rows may still be written: the error that a trigger raises for one row can
/// look like any of these, and a refusal by row-level security is a denial.
fn may_be_of_a_row(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Refused { .. }
            | StoreError::MissingReference { .. }
            | StoreError::Broken { .. }
            | StoreError::Failed { .. }
            | StoreError::Denied { .. }
            | StoreError::NotMigrated { .. }
            | StoreError::Shape { .. }
    )
}
