//! `tracker export`.

use std::{
    io::{self, IsTerminal as _, Write},
    path::PathBuf,
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use tracker_core::{
    Activity, Store, StoreError,
    timeline::{LIMIT_MAX, Order, Query},
};
use tracker_server::csv::{CsvWriter, Formulas};

use super::{
    bar::Bar,
    failure::{UsageError, note},
    filter::FilterArguments,
    new_file::NewFile,
    number::activities,
    output::OutputError,
    pages::Pages,
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker export -o activities.jsonl                       everything
  tracker export --project project_7 --since 2026-11-01 --format csv -o november.csv
  tracker export | gzip > activities.jsonl.gz
  tracker export | tracker --store sqlite:copy.db import   into another store, which has been migrated

All activities come in the order of their IDs, those of one project in the order of time. A FILE is under another name until \
it is complete. What is exported as JSONL can be imported; CSV, which has no NULL, is for spreadsheets: a text that one would take for a formula \
begins with an apostrophe, unless --formulas raw leaves it as it is, for a program.";

/// Writes activities to a file or to stdout
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Of this project alone; the filters need one
    #[arg(short, long, value_name = "ID")]
    project: Option<String>,
    /// What is written
    #[arg(short, long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// What becomes of a text in CSV that a spreadsheet would take for a formula
    #[arg(long, value_enum, value_name = "HOW", default_value_t = FormulasArgument::Guarded)]
    formulas: FormulasArgument,
    /// Where to; - is stdout
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    filter: FilterArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// A line of JSON for each activity, under the names of the columns
    Jsonl,
    /// Comma-separated values, with a header
    Csv,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormulasArgument {
    /// It begins with an apostrophe
    Guarded,
    /// It is as it is in the store
    Raw,
}

impl From<FormulasArgument> for Formulas {
    fn from(argument: FormulasArgument) -> Self {
        match argument {
            FormulasArgument::Guarded => Self::Guarded,
            FormulasArgument::Raw => Self::Raw,
        }
    }
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    if arguments.project.is_none() && arguments.filter != FilterArguments::default() {
        return Err(UsageError::new("filters are for the activities of one --project ID").into());
    }
    let store = settings.open()?;
    if arguments.output.as_os_str() == "-" {
        let target = io::BufWriter::new(io::stdout());
        export(&arguments, &*store, target).await?;
        return Ok(());
    }
    let path = &arguments.output;
    let cannot_write = || format!("can't write {}", path.display());
    let file = NewFile::create(path).with_context(cannot_write)?;
    // An interrupted export removes its unfinished file.
    let (count, file) = tokio::select! {
        exported = export(&arguments, &*store, file) => exported?,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            anyhow::bail!("interrupted; there is no {}", path.display());
        }
    };
    file.complete().with_context(cannot_write)?;
    note(&format!(
        "exported {} to {}",
        activities(count),
        path.display()
    ));
    Ok(())
}

async fn export<W: Write>(
    arguments: &Arguments,
    store: &dyn Store,
    target: W,
) -> anyhow::Result<(u64, W)> {
    let mut rows = Rows::new(arguments, store);
    let bar = Bar::new(rows.total(arguments).await);
    let mut writer = match arguments.format {
        Format::Jsonl => Writer::Jsonl(target),
        Format::Csv => Writer::csv(target, arguments.formulas.into())?,
    };
    let mut count = 0;
    while let Some(activities) = rows.next().await.context("can't read the activities")? {
        for activity in &activities {
            writer.write(activity)?;
        }
        bar.add(activities.len() as u64);
        count += activities.len() as u64;
    }
    Ok((count, writer.finish()?))
}

/// The exported activities, read page by page.
enum Rows<'a> {
    All {
        store: &'a dyn Store,
        after: Option<String>,
    },
    Project {
        store: &'a dyn Store,
        pages: Box<Pages<'a>>,
    },
}

impl<'a> Rows<'a> {
    fn new(arguments: &Arguments, store: &'a dyn Store) -> Self {
        let Some(project) = &arguments.project else {
            return Self::All { store, after: None };
        };
        let query = Query::from(arguments.filter.of_project(project)).order(Order::Oldest);
        Self::Project {
            store,
            pages: Box::new(Pages::new(store, query, u64::MAX)),
        }
    }

    /// Returns the number of activities for a progress bar. Counting reads them all.
    async fn total(&self, arguments: &Arguments) -> Option<u64> {
        if !io::stderr().is_terminal() {
            return None;
        }
        let total = match (self, &arguments.project) {
            (Self::Project { store, .. }, Some(project)) => {
                store.count(arguments.filter.of_project(project)).await
            }
            (Self::Project { store, .. } | Self::All { store, .. }, _) => {
                store.count_before(i64::MAX).await
            }
        };
        total.ok()
    }

    async fn next(&mut self) -> Result<Option<Vec<Activity>>, StoreError> {
        match self {
            Self::Project { pages, .. } => pages.next().await,
            Self::All { store, after } => {
                let rows = store.scan(after.take(), LIMIT_MAX).await?;
                *after = rows.last().map(|last| last.action_id.clone());
                Ok(after.is_some().then_some(rows))
            }
        }
    }
}

/// Writes activities in a format.
enum Writer<W: Write> {
    Jsonl(W),
    Csv(Box<CsvWriter<W>>),
}

impl<W: Write> Writer<W> {
    fn csv(target: W, formulas: Formulas) -> Result<Self, OutputError> {
        let mut csv = CsvWriter::new(target, formulas);
        csv.header()?;
        Ok(Self::Csv(Box::new(csv)))
    }

    fn write(&mut self, activity: &Activity) -> Result<(), OutputError> {
        match self {
            Self::Jsonl(target) => {
                serde_json::to_writer(&mut *target, activity).map_err(io::Error::from)?;
                target.write_all(b"\n")?;
            }
            Self::Csv(csv) => csv.activity(activity)?,
        }
        Ok(())
    }

    fn finish(self) -> Result<W, OutputError> {
        let mut target = match self {
            Self::Jsonl(target) => target,
            Self::Csv(csv) => csv.finish()?,
        };
        target.flush()?;
        Ok(target)
    }
}
