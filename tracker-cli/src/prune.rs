//! `tracker prune`.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use clap::Args;
use serde::Deserialize;
use tracker_core::{
    Store,
    store::{Kept, Pruning},
};

use super::{
    age::Age,
    bar::Bar,
    confirm,
    failure::{PartlyError, UsageError, note},
    moment::{before_now, shown},
    number::activities,
    output::print,
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker prune --older-than 90d --dry-run      tells how many there are
  tracker prune --older-than 90d                removes them, after asking in a terminal
  tracker prune --older-than 1year --yes        removes them without asking, as from a timer
  tracker prune --older-than 1year --yes --whole-partitions
                                                drops partitions of which all is older, in milliseconds
  tracker prune --older-than 2h --allow-recent  removes activities of the last day too, after asking

Without a terminal to ask in it removes nothing unless --yes is given.

It removes a batch at a time, and rests between two for as long as the last one took, so that workers go on writing. Rows without \
a time stay. A table in partitions (`tracker migrate --partition-by`) loses those of which all is older as a whole, and of the one in which the time \
lies its rows one by one, unless only whole ones are to go: then some activities stay for a month or a day more, and the daily work is next to none.

An activity that can't be removed, as another table refers to it or a trigger keeps it, is passed over and the rest is removed: the command then says \
how many stay and why, and its exit code is 3.

In the configuration file:

  [prune]
  older-than = \"90d\"
  batch = 1000";

const BATCH_DEFAULT: u32 = 1_000;
const BATCH_MAX: u32 = 100_000;

/// Younger ones are not removed by mistake: `--allow-recent` says that they are meant.
const AGE_MIN: Duration = Duration::from_hours(24);

/// The longest rest between two batches.
const REST_MAX: Duration = Duration::from_secs(10);

/// How many reasons for what stays are told apart.
const REASONS_MAX: usize = 20;

/// Removes what is older than a time, of all projects
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[command(after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Arguments {
    /// How old: 90d, 12h, 1year
    #[arg(long, value_name = "AGE", env = "TRACKER_PRUNE_OLDER_THAN")]
    older_than: Option<Age>,
    /// Removes nothing, and tells how many activities would be removed
    #[arg(long)]
    #[serde(skip)]
    dry_run: bool,
    /// How many are removed at once [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(BATCH_MAX)))]
    batch: Option<u32>,
    /// Drops whole partitions only, of which all is older
    #[arg(long, conflicts_with = "batch")]
    whole_partitions: bool,
    /// Does not ask, which is needed where there is no terminal
    #[arg(short, long)]
    #[serde(skip)]
    yes: bool,
    /// Removes activities of the last day too, where --older-than is less than 24h
    #[arg(long)]
    #[serde(skip)]
    allow_recent: bool,
}

impl Arguments {
    /// These, and what they leave open from `other`.
    pub(crate) fn or(self, other: &Self) -> Self {
        Self {
            older_than: self.older_than.or(other.older_than),
            batch: self.batch.or(other.batch),
            whole_partitions: self.whole_partitions || other.whole_partitions,
            ..self
        }
    }
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let Some(age) = arguments.older_than else {
        let message = "how old? Name it with --older-than, as in --older-than 90d";
        return Err(UsageError::new(message).into());
    };
    if age.0 < AGE_MIN && !arguments.allow_recent && !arguments.dry_run {
        let message = format!("{age} is less than a day: --allow-recent says that it is meant");
        return Err(UsageError::new(message).into());
    }
    if arguments.whole_partitions {
        let store = settings.open_postgres("partitions")?;
        if store.partitions().await?.is_empty() {
            let message = "the table is not in partitions: leave --whole-partitions out, or bring it into them with \
                 `tracker migrate --partition-by month`";
            return Err(UsageError::new(message).into());
        }
    }
    // Of a batch of none, nothing is removed one by one.
    let batch = if arguments.whole_partitions {
        0
    } else {
        batch(arguments.batch)?
    };
    let store = settings.open()?;
    let before = before_now(age.0);
    let what = format!("from before {} UTC in {}", shown(before), store.describe());
    // How many of them are in partitions that are all older is not counted.
    let at_most = if arguments.whole_partitions {
        "at most "
    } else {
        ""
    };
    let mut count = None;
    let mut counted = async || {
        let counted = store.count_before(before).await;
        let counted = counted.context("can't count what is to be removed")?;
        count = Some(counted);
        anyhow::Ok(counted)
    };
    if arguments.dry_run {
        let counted = format!("{at_most}{}", activities(counted().await?));
        let obstacles = store.prune_obstacles().await;
        let obstacles = obstacles.context("can't look for what keeps activities")?;
        let at_most = if obstacles.is_empty() || !at_most.is_empty() {
            ""
        } else {
            "at most "
        };
        print(&format!("would remove {at_most}{counted} {what}"))?;
        for obstacle in obstacles {
            note(&format!("some may stay because of {obstacle}"));
        }
        return Ok(());
    }
    let question = async || {
        let count = counted().await?;
        Ok((count > 0).then(|| format!("Remove {at_most}{} {what}?", activities(count))))
    };
    if !confirm::is_meant(arguments.yes, question).await? {
        return Ok(print(&format!("there is nothing to remove {what}"))?);
    }
    let pruning = Pruning::before(before).limit(batch);
    let (removed, kept) = remove(&*store, pruning, Bar::new(count)).await?;
    print(&format!("removed {} {what}", activities(removed)))?;
    if kept.is_empty() {
        return Ok(());
    }
    Err(PartlyError(stays(&kept)).into())
}

/// How many are removed at once; of the configuration file, no flag has looked at it.
fn batch(asked: Option<u32>) -> Result<u32, UsageError> {
    let batch = asked.unwrap_or(BATCH_DEFAULT);
    if (1..=BATCH_MAX).contains(&batch) {
        return Ok(batch);
    }
    let message = format!("`batch` in [prune] is {batch}: it must be from 1 to {BATCH_MAX}");
    Err(UsageError::new(message))
}

/// What stays, by what keeps it.
type Stays = BTreeMap<String, Option<u64>>;

async fn remove(store: &dyn Store, first: Pruning, bar: Bar) -> anyhow::Result<(u64, Stays)> {
    let mut removed = 0;
    let mut kept = Stays::new();
    let mut next = Some(first);
    while let Some(pruning) = next {
        let began = Instant::now();
        let pruned = store
            .prune(pruning)
            .await
            .with_context(|| format!("failed after {} had been removed", activities(removed)))?;
        removed += pruned.removed;
        bar.add(pruned.removed);
        for Kept { because, rows, .. } in pruned.kept {
            // A trigger may say another thing of each row.
            let because = match kept.len() {
                ..REASONS_MAX => because,
                _ if kept.contains_key(&because) => because,
                _ => "other reasons".to_owned(),
            };
            let sum = kept.entry(because).or_insert(Some(0));
            *sum = sum.zip(rows).map(|(sum, rows)| sum + rows);
        }
        next = pruned.next;
        if next.is_some() {
            tokio::time::sleep(began.elapsed().min(REST_MAX)).await;
        }
    }
    Ok((removed, kept))
}

fn stays(kept: &Stays) -> String {
    let lines = kept.iter().map(|(because, rows)| match rows {
        Some(rows) => format!("\n  {} because of {because}", activities(*rows)),
        None => format!("\n  unknown how many because of {because}"),
    });
    let lines: String = lines.collect();
    format!("activities stay that are old enough:{lines}")
}
