//! The options of `tracker prune`, on the command line and in the configuration file.

use clap::Args;
use serde::Deserialize;

use crate::age::Age;

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

/// The most activities that are removed at once.
pub(crate) const BATCH_MAX: u32 = 100_000;

/// Removes what is older than a time, of all projects
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[command(after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub(crate) struct Arguments {
    /// How old: 90d, 12h, 1year
    #[arg(long, value_name = "AGE", env = "TRACKER_PRUNE_OLDER_THAN")]
    pub(crate) older_than: Option<Age>,
    /// Removes nothing, and tells how many activities would be removed
    #[arg(long)]
    #[serde(skip)]
    pub(crate) dry_run: bool,
    /// How many are removed at once [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(BATCH_MAX)))]
    pub(crate) batch: Option<u32>,
    /// Drops whole partitions only, of which all is older
    #[arg(long, conflicts_with = "batch")]
    pub(crate) whole_partitions: bool,
    /// Does not ask, which is needed where there is no terminal
    #[arg(short, long)]
    #[serde(skip)]
    pub(crate) yes: bool,
    /// Removes activities of the last day too, where --older-than is less than 24h
    #[arg(long)]
    #[serde(skip)]
    pub(crate) allow_recent: bool,
}

impl Arguments {
    /// Returns these arguments, with the values that they leave open taken from `other`.
    pub(crate) fn or(self, other: &Self) -> Self {
        Self {
            older_than: self.older_than.or(other.older_than),
            batch: self.batch.or(other.batch),
            whole_partitions: self.whole_partitions || other.whole_partitions,
            ..self
        }
    }
}
