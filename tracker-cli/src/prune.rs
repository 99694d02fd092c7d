//! `tracker prune`.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use tracker_core::{
    Store,
    store::{Kept, Pruning},
};

pub(crate) use super::options::prune::Arguments;
use super::{
    bar::Bar,
    confirm,
    failure::{PartlyError, UsageError, note},
    moment::{before_now, shown},
    number::activities,
    options::prune::BATCH_MAX,
    output::print,
    settings::Settings,
};

const BATCH_DEFAULT: u32 = 1_000;

/// The least age without `--allow-recent`, which guards against mistakes.
const AGE_MIN: Duration = Duration::from_hours(24);

/// The longest rest between two batches.
const REST_MAX: Duration = Duration::from_secs(10);

/// The most reasons for remaining activities that are told apart.
const REASONS_MAX: usize = 20;

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let Some(age) = arguments.older_than else {
        let message = "how old? Name it with --older-than, as in --older-than 90d";
        return Err(UsageError::new(message).into());
    };
    let is_guarded = age.0 < AGE_MIN && !arguments.allow_recent;
    if is_guarded && !arguments.dry_run {
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
    // With a batch of 0, nothing is removed one by one.
    let batch = if arguments.whole_partitions {
        0
    } else {
        batch(arguments.batch)?
    };
    let store = settings.open()?;
    let before = before_now(age.0);
    let what = format!("from before {} UTC in {}", shown(before), store.describe());
    // The number of those in partitions that are all older is not counted.
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
        let counted = counted().await?;
        preview(&*store, counted, at_most, &what).await?;
        if is_guarded {
            let guard = "is less than a day: without --dry-run this needs --allow-recent";
            print(&format!("{age} {guard}"))?;
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

/// Prints how many activities would be removed, and what may keep some of them.
async fn preview(store: &dyn Store, counted: u64, at_most: &str, what: &str) -> anyhow::Result<()> {
    let counted = format!("{at_most}{}", activities(counted));
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
    Ok(())
}

/// Returns the batch. Only clap has checked it, and clap does not see the configuration file.
fn batch(asked: Option<u32>) -> Result<u32, UsageError> {
    let batch = asked.unwrap_or(BATCH_DEFAULT);
    if (1..=BATCH_MAX).contains(&batch) {
        return Ok(batch);
    }
    let message = format!("`batch` in [prune] is {batch}: it must be from 1 to {BATCH_MAX}");
    Err(UsageError::new(message))
}

/// The number of remaining activities by their reason; `None` if it is unknown.
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
            // A trigger may have another message for each row.
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
