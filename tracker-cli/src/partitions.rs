//! `tracker partitions`.

use std::iter;

use clap::{Args, Subcommand};
use indicatif::BinaryBytes;
use serde_json::json;
use tracker_core::{
    Store as _, StoreError,
    store::postgres::partitions::{MadePartition, Partition},
};

use super::{
    columns::in_columns,
    failure::{PartlyError, note},
    moment,
    number::{counted, grouped},
    output::{Output, print},
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker partitions list                 which there are, from when to when, and how large
  tracker partitions ensure               makes those of now and of what comes next

They are there after `tracker migrate --partition-by month`, and `tracker prune` drops the old ones.";

const LIST_EXAMPLES: &str = "\
Examples:
  tracker partitions list
  tracker partitions list --json | jq 'select(.rows > 100000000)'";

const ENSURE_EXAMPLES: &str = "\
Examples:
  tracker partitions ensure               from a timer, where no program with tracker-core writes";

/// Looks after the partitions of a Postgres table
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    List(ListArguments),
    Ensure(EnsureArguments),
}

/// Lists the partitions, with their bounds, how many activities they have, as estimated, and what
/// they take on the disk
#[derive(Args)]
#[command(after_long_help = LIST_EXAMPLES)]
struct ListArguments {
    /// As JSON, one partition on each line
    #[arg(long)]
    json: bool,
}

/// Makes the partitions of this period and of the next two; workers do so by themselves
#[derive(Args)]
#[command(after_long_help = ENSURE_EXAMPLES)]
struct EnsureArguments {}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let store = settings.open_postgres("partitions")?;
    let partitions = store.partitions().await?;
    if partitions.is_empty() {
        // An empty list says of a missing table what it says of one that is not partitioned.
        if let Err(missing @ StoreError::NotMigrated { .. }) = store.scan(None, 1).await {
            return Err(missing.into());
        }
        note(&match store.partitioning_under_way().await? {
            Some(under_way) => format!("the table is not partitioned yet: {under_way}"),
            None => {
                "the table is not partitioned: `tracker migrate --partition-by month` does that"
                    .to_owned()
            }
        });
        return Ok(());
    }
    match arguments.command {
        Command::List(arguments) => list(&partitions, arguments.json),
        Command::Ensure(_) => {
            let made = store.ensure_partitions().await?;
            let mut not_made = 0;
            for partition in &made {
                match partition {
                    MadePartition::Made { name } => print(&format!("made {name}"))?,
                    _ => not_made += 1,
                }
            }
            if not_made > 0 {
                let partitions = counted(not_made, "partition is", "partitions are");
                let message = format!(
                    "{partitions} not made: more than 10,000 activities of each lie in {}.project_actions_default, where they stay",
                    store.schema()
                );
                return Err(PartlyError(message).into());
            }
            if made.is_empty() {
                print("all partitions are there")?;
            }
            Ok(())
        }
    }
}

fn list(partitions: &[Partition], as_json: bool) -> anyhow::Result<()> {
    let mut output = Output::new();
    if as_json {
        for partition in partitions {
            output.json(&json!({
                "name": partition.name,
                "period": period(partition),
                "first_id": partition.ids.as_ref().map(|ids| &ids.0),
                "end_id": partition.ids.as_ref().map(|ids| &ids.1),
                "created_first": partition.times.map(|times| times.0),
                "created_last": partition.times.map(|times| times.1),
                "has_untimed": partition.has_untimed,
                "rows": partition.rows,
                "bytes": partition.bytes,
            }))?;
        }
    } else {
        output.text(&table(partitions))?;
    }
    Ok(output.flush()?)
}

fn table(partitions: &[Partition]) -> String {
    let header = ["PARTITION", "PERIOD (UTC)", "ACTIVITIES", "SIZE"];
    let rows = partitions.iter().map(|partition| {
        [
            partition.name.clone(),
            period(partition).unwrap_or_else(|| "any other".to_owned()),
            partition.rows.map_or_else(|| "unknown".to_owned(), grouped),
            BinaryBytes(partition.bytes).to_string(),
        ]
    });
    in_columns(iter::once(header.map(str::to_owned)).chain(rows))
}

/// Returns the month or the day that a partition is for, by the times in its IDs: 2026-11 or
/// 2026-11-24. `None` for the default partition.
///
/// The times of its rows may be a day earlier or later, so that those of neighbours overlap.
fn period(partition: &Partition) -> Option<String> {
    let (first, end) = partition.ids.as_ref()?;
    let (first, end) = (moment::of_id(first)?, moment::of_id(end)?);
    let month = moment::month(first);
    let last = end - 1;
    if moment::day(first) == moment::day(last) {
        Some(moment::day(first))
    } else if month == moment::month(last) {
        Some(month)
    } else {
        Some(format!("{month} to {}", moment::month(last)))
    }
}
