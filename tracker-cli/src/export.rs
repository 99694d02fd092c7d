//! `tracker export`.

use std::{
    ffi::OsStr,
    io::{self, IsTerminal as _, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use tracker_core::{
    Activity, Store, StoreError,
    timeline::{Filter, LIMIT_MAX, Order, Query},
};
use tracker_server::csv::{CsvWriter, Formulas};

use super::{
    bar::Bar,
    compress::{Compressed, Packing},
    failure::note,
    filter::FilterArguments,
    formulas::FormulasArgument,
    new_file::NewFile,
    number::activities,
    output::OutputError,
    pages::Pages,
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker export -o activities.jsonl                       everything
  tracker export --since 2026-11-01 --until 2026-12-01 -o november.csv.gz
  tracker export --project project_7 --format csv --status failure
  tracker export | tracker --store sqlite:copy.db import   into another store, which has been migrated

All activities come in the order of their IDs; those of one project, or that filters choose, in the order of time. A FILE is under another name until \
it is complete. What is exported can be imported. CSV has no NULL, and is for spreadsheets: a text that one would take for a formula \
begins with an apostrophe, unless --formulas raw leaves it as it is, for a program.";

/// Writes activities to a file or to stdout
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Of this project alone
    #[arg(short, long, value_name = "ID")]
    project: Option<String>,
    /// What is written [default: csv for a FILE that ends in .csv, else jsonl]
    #[arg(short, long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    formulas: FormulasArgument,
    /// Where to; - is stdout. One that ends in .gz or .zst is compressed
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    filter: FilterArguments,
}

impl Arguments {
    fn is_of_all(&self) -> bool {
        self.project.is_none() && self.filter == FilterArguments::default()
    }

    fn filter(&self) -> Filter {
        self.filter.of(self.project.as_deref())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line of JSON for each activity, under the names of the columns
    Jsonl,
    /// Comma-separated values, with a header
    Csv,
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
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

/// Returns the format and the packing that the name of a file asks for.
fn by_suffix(path: &Path) -> (Format, Packing) {
    let suffix = |path: &Path| {
        let suffix = path.extension().and_then(OsStr::to_str);
        suffix.unwrap_or_default().to_ascii_lowercase()
    };
    let packing = match &*suffix(path) {
        "gz" => Packing::Gzip,
        "zst" => Packing::Zstd,
        _ => Packing::Plain,
    };
    let plain = match packing {
        Packing::Plain => path.to_owned(),
        _ => path.with_extension(""),
    };
    let format = match &*suffix(&plain) {
        "csv" => Format::Csv,
        _ => Format::Jsonl,
    };
    (format, packing)
}

async fn export<W: Write>(
    arguments: &Arguments,
    store: &dyn Store,
    target: W,
) -> anyhow::Result<(u64, W)> {
    let (format, packing) = by_suffix(&arguments.output);
    let target = Compressed::new(target, packing);
    let mut rows = Rows::new(arguments, store);
    let bar = Bar::new(rows.total(arguments).await);
    let mut writer = match arguments.format.unwrap_or(format) {
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
    let packed = writer.finish()?;
    Ok((count, packed.finish().map_err(OutputError::from)?))
}

/// The exported activities, read page by page.
enum Rows<'a> {
    All {
        store: &'a dyn Store,
        after: Option<String>,
    },
    Chosen {
        store: &'a dyn Store,
        pages: Box<Pages<'a>>,
    },
}

impl<'a> Rows<'a> {
    fn new(arguments: &Arguments, store: &'a dyn Store) -> Self {
        if arguments.is_of_all() {
            return Self::All { store, after: None };
        }
        let query = Query::from(arguments.filter()).order(Order::Oldest);
        Self::Chosen {
            store,
            pages: Box::new(Pages::new(store, query, u64::MAX)),
        }
    }

    /// Returns the number of activities for a progress bar. Counting reads them all.
    async fn total(&self, arguments: &Arguments) -> Option<u64> {
        if !io::stderr().is_terminal() {
            return None;
        }
        let total = match self {
            Self::Chosen { store, .. } => store.count(arguments.filter()).await,
            Self::All { store, .. } => store.count_before(i64::MAX).await,
        };
        total.ok()
    }

    async fn next(&mut self) -> Result<Option<Vec<Activity>>, StoreError> {
        match self {
            Self::Chosen { pages, .. } => pages.next().await,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_tells_what_is_in_it() {
        for (name, expected) in [
            ("-", (Format::Jsonl, Packing::Plain)),
            ("activities", (Format::Jsonl, Packing::Plain)),
            ("a.jsonl", (Format::Jsonl, Packing::Plain)),
            ("a.CSV", (Format::Csv, Packing::Plain)),
            ("a.csv.gz", (Format::Csv, Packing::Gzip)),
            ("a.jsonl.zst", (Format::Jsonl, Packing::Zstd)),
            ("a.csv/b.gz", (Format::Jsonl, Packing::Gzip)),
        ] {
            assert_eq!(by_suffix(Path::new(name)), expected, "{name}");
        }
    }
}
