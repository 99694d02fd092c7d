//! `tracker import`.

mod line;

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Args;
use tracker_core::{Activity, Store, StoreError, store::Batch};

use self::line::Lines;
use super::{
    bar::Bar,
    failure::{self, note},
    number::{activities, counted},
    output::print,
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker import activities.jsonl
  gzip -dc activities.jsonl.gz | tracker import -
  tracker import --keep-going activities.jsonl 2> bad-lines.txt

Each line is the JSON of an activity, as `tracker export` writes it. An activity that is there already, by its action_id, stays \
as it is: what has been imported in part can be imported again.";

/// How many activities are written at once.
const BATCH_ROWS: usize = 1_000;

/// How many bytes of input are written at once: lines may be long.
const BATCH_BYTES: usize = 8 << 20;

/// Writes exported activities into the store
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The file; - is stdin
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    /// Passes over lines that can't be imported, each of which is told on stderr
    #[arg(short, long)]
    keep_going: bool,
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let store = settings.open()?;
    store.check().await?;
    let input: Box<dyn BufRead> = if arguments.file.as_os_str() == "-" {
        Box::new(BufReader::new(io::stdin()))
    } else {
        let file = File::open(&arguments.file)
            .with_context(|| format!("can't read {}", arguments.file.display()))?;
        Box::new(BufReader::new(file))
    };
    let mut import = Import {
        store: &*store,
        keep_going: arguments.keep_going,
        waiting: Vec::new(),
        waiting_bytes: 0,
        imported: 0,
        passed_over: 0,
        bar: Bar::new(None),
    };
    let result = import.all(Lines::new(input)).await;
    let Import {
        imported,
        passed_over,
        bar,
        ..
    } = import;
    drop(bar);
    let mut summary = format!("imported {}", activities(imported));
    if passed_over > 0 {
        summary += "; passed over ";
        summary += &counted(passed_over, "line", "lines");
    }
    match result {
        Ok(()) => Ok(print(&summary)?),
        Err(error) => {
            note(&format!("{summary} before it failed"));
            Err(error)
        }
    }
}

/// An import under way.
struct Import<'a> {
    store: &'a dyn Store,
    keep_going: bool,
    /// What is not written yet, each with the number of its line.
    waiting: Vec<(u64, Activity)>,
    waiting_bytes: usize,
    imported: u64,
    passed_over: u64,
    bar: Bar,
}

impl Import<'_> {
    async fn all(&mut self, mut lines: Lines<impl BufRead>) -> anyhow::Result<()> {
        while let Some(line) = lines.next().context("can't read the input")? {
            match line.activity {
                Ok(activity) => {
                    self.waiting.push((line.number, activity));
                    self.waiting_bytes += line.bytes;
                }
                Err(error) => {
                    // What comes before it is imported first, so that the rest can be when it is mended.
                    self.write().await?;
                    self.pass_over(line.number, error.into())?;
                }
            }
            if self.waiting.len() >= BATCH_ROWS || self.waiting_bytes >= BATCH_BYTES {
                self.write().await?;
            }
        }
        self.write().await
    }

    async fn write(&mut self) -> anyhow::Result<()> {
        self.waiting_bytes = 0;
        let waiting = std::mem::take(&mut self.waiting);
        let all = waiting.iter().map(|(_, activity)| activity.clone());
        let batch: Batch = all.collect();
        match self.store.write(batch.retry()).await {
            Ok(()) => self.count(waiting.len() as u64),
            Err(error) if is_of_the_rows(&error) => self.write_each(waiting).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Finds the row that the store refuses.
    async fn write_each(&mut self, waiting: Vec<(u64, Activity)>) -> anyhow::Result<()> {
        for (number, activity) in waiting {
            let batch = Batch::from(vec![activity]).retry();
            match self.store.write(batch).await {
                Ok(()) => self.count(1),
                Err(error) if is_of_the_rows(&error) => self.pass_over(number, error.into())?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn count(&mut self, written: u64) {
        self.imported += written;
        self.bar.add(written);
    }

    fn pass_over(&mut self, number: u64, error: anyhow::Error) -> anyhow::Result<()> {
        if !self.keep_going {
            return Err(error.context(format!(
                "line {number} can't be imported: mend it, or pass over such lines with --keep-going"
            )));
        }
        self.passed_over += 1;
        note(&format!("line {number}: {}", failure::line(&*error)));
        Ok(())
    }
}

/// Whether other rows could be written.
fn is_of_the_rows(error: &StoreError) -> bool {
    matches!(error, StoreError::Refused { .. })
}
