//! `tracker migrate`.

use anyhow::Context as _;
use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use tracker_core::{
    PostgresStore, Store,
    store::postgres::partitions::{Abandoned, Partitioned, Partitioning, Period, Progress},
};

use super::{
    bar::Bar,
    failure::{UsageError, note},
    number::activities,
    output::print,
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker migrate                     make or update the table in ./tracker.db
  tracker --store postgres://owner@db.example.org/app migrate
  tracker migrate --check             whether activities can be written; exit code 1 if not; names what may
                                      refuse some: foreign keys, triggers, policies
  tracker migrate --partition-by month
                                      makes or updates the table, and keeps it in partitions by month from then on
  tracker migrate --abandon           takes back a partitioning that has begun and not ended

Any number of processes may migrate at once, and again. A Postgres must be reached directly, not through a pooler in transaction \
mode, by a role that owns the table and may create in its schema. Indexes are built without blocking those who write.

A table that has rows is partitioned while it is in use: its rows are copied, so there must be room on the disk for the table once more. Stopped at \
any point, even killed, it leaves the table in use as it was, and the same command goes on from there, or --abandon takes it back. What it can't carry over, such as \
triggers and views of your own, it refuses before it changes anything.";

/// Makes the table, or brings it up to date; keeps every row
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Changes nothing, and tells whether activities could be written now, with this role
    #[arg(long)]
    check: bool,
    /// Keeps the table in partitions of a month or a day each, by the time in the IDs [possible
    /// values: month, day]
    #[arg(long, value_name = "PERIOD", value_parser = period(), hide_possible_values = true, conflicts_with = "check")]
    partition_by: Option<Period>,
    /// Leaves the table that there was as project_actions_unpartitioned, until the same command is
    /// run without this
    #[arg(long, requires = "partition_by")]
    keep_old: bool,
    /// Takes back what a --partition-by that was stopped has made; the table stays as it is, with
    /// every row
    #[arg(long, conflicts_with_all = ["check", "keep_old"])]
    abandon: bool,
}

fn period() -> impl TypedValueParser<Value = Period> {
    PossibleValuesParser::new(["month", "day"]).try_map(|text| text.parse::<Period>())
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    if arguments.check {
        let store = settings.open()?;
        store
            .check()
            .await
            .with_context(|| format!("{} is not ready", store.describe()))?;
        print(&format!("{} is ready", store.describe()))?;
        return tell_notes(&*store).await;
    }
    if arguments.abandon {
        let store = settings.open_postgres("partitions")?;
        return Ok(print(match store.abandon_partitioning().await? {
            Abandoned::TakenBack => "took the partitioning back: the table is as it was before",
            _ => "no partitioning had begun: nothing was changed",
        })?);
    }
    if let Some(period) = arguments.partition_by {
        let store = settings.open_postgres("partitions")?;
        apply(&store).await?;
        partition(&store, period, arguments.keep_old).await?;
        return tell_notes(&store).await;
    }
    if settings.is_stream() {
        let message = "a stream is made by `tracker nats setup`: name the Postgres or SQLite to be migrated with --store";
        return Err(UsageError::new(message).into());
    }
    let store = settings.open_or_make()?;
    apply(&*store).await?;
    tell_notes(&*store).await
}

async fn apply(store: &dyn Store) -> anyhow::Result<()> {
    let applied = store.migrate().await?;
    for name in &applied {
        print(&format!("applied {name}"))?;
    }
    Ok(print(&format!("{} is up to date", store.describe()))?)
}

/// Prints what may still refuse, hide or slow down some activities.
async fn tell_notes(store: &dyn Store) -> anyhow::Result<()> {
    for text in store.notes().await? {
        note(&format!("note: {text}"));
    }
    Ok(())
}

async fn partition(store: &PostgresStore, period: Period, keeps_old: bool) -> anyhow::Result<()> {
    let bar = Bar::new(None);
    let tell = move |progress: Progress| bar.set(progress.done, progress.total);
    let partitioning = Partitioning::by(period).keep_old(keeps_old);
    let partitioned = store.partition(partitioning, tell).await?;
    Ok(print(&match partitioned {
        Partitioned::Converted { rows } => {
            format!("partitioned by {period}, with {} copied", activities(rows))
        }
        _ => format!("partitioned by {period} already"),
    })?)
}
