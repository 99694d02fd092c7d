//! `tracker journal dead-letters`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use tracker_core::{
    Activity,
    journal::{self, DeadLetter, delete_dead_letters, inspect, requeue_dead_letters},
};

use super::none::tell_of_none;
use crate::{
    dead_letters::{self, Action, Letter, NONE, Source, counted},
    failure::note,
    moment,
    output::print,
};

const EXAMPLES: &str = "\
Examples:
  tracker journal dead-letters /var/lib/worker/journals
  tracker journal dead-letters /var/lib/worker/journals --json | jq -r .reason | sort | uniq -c
  tracker journal dead-letters /var/lib/worker/journals --requeue && tracker journal replay /var/lib/worker/journals

A dead letter is an activity that the store refused for its values, not for being away. Mend the reason first: what is put back is \
delivered by the next worker that starts there, or by `tracker journal replay`, and is a dead letter again if the store refuses it again.";

/// Shows what the store refused, has it delivered again, or removes it
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag, and clap refuses those that do not go together"
)]
pub(crate) struct Arguments {
    /// The directory of the journals
    directory: PathBuf,
    /// As JSON, one dead letter on each line, in a terminal too
    #[arg(long)]
    json: bool,
    /// At most so many of each journal
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1_000)]
    limit: usize,
    /// Puts all of them back to be delivered
    #[arg(long, conflicts_with_all = ["json", "delete"])]
    requeue: bool,
    /// Removes all of them, after asking in a terminal
    #[arg(long, conflicts_with = "json")]
    delete: bool,
    /// Does not ask, which is needed where there is no terminal
    #[arg(short, long, requires = "delete")]
    yes: bool,
}

impl Arguments {
    fn action(&self) -> Action {
        if self.requeue {
            Action::Requeue
        } else if self.delete {
            Action::Delete { yes: self.yes }
        } else {
            Action::List {
                json: self.json,
                limit: self.limit as u64,
            }
        }
    }
}

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let directory = &*arguments.directory;
    let journals = inspect(directory)?;
    if journals.is_empty() {
        tell_of_none(directory);
        return Ok(());
    }
    let contents = journals
        .iter()
        .filter_map(|journal| journal.contents.as_ref().ok());
    let journals = Journals {
        directory,
        letters: contents.map(|contents| contents.dead_letters).sum(),
    };
    dead_letters::run(&journals, arguments.action()).await
}

/// The journals of a directory. The limit of a list is that of each journal.
struct Journals<'a> {
    directory: &'a Path,
    /// The number of dead letters in the journals that can be read.
    letters: u64,
}

impl Source for Journals<'_> {
    type Letter = DeadLetter;

    async fn count(&self) -> anyhow::Result<u64> {
        Ok(self.letters)
    }

    async fn for_each(
        &self,
        limit: u64,
        show: impl FnMut(&DeadLetter) -> anyhow::Result<()>,
    ) -> anyhow::Result<u64> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let letters = journal::dead_letters(self.directory, limit)?;
        letters.iter().try_for_each(show)?;
        Ok(letters.len() as u64)
    }

    async fn requeue(&self) -> anyhow::Result<()> {
        let requeued = requeue_dead_letters(self.directory)?;
        let letters = counted(requeued.letters);
        let Some(journal) = requeued.journal else {
            return Ok(print(NONE)?);
        };
        let directory = self.directory.display();
        print(&format!("put {letters} back, into {}", journal.display()))?;
        note(&format!(
            "the next worker that starts there delivers them, or `tracker journal replay {directory}`"
        ));
        Ok(())
    }

    async fn delete(&self) -> anyhow::Result<u64> {
        Ok(delete_dead_letters(self.directory)?)
    }
}

impl Letter for DeadLetter {
    fn json(&self) -> impl Serialize {
        Json {
            died_at: self.died_at,
            reason: &self.reason,
            activity: &self.activity,
        }
    }

    fn words(&self) -> [Option<String>; 5] {
        let activity = &self.activity;
        [
            Some(moment::shown(self.died_at)),
            Some(activity.action_id.clone()),
            activity.action_type.as_deref().map(str::to_owned),
            activity.project_id.clone(),
            activity.action_details.clone(),
        ]
    }

    fn reason(&self) -> &str {
        &self.reason
    }
}

/// A dead letter as JSON.
#[derive(Serialize)]
struct Json<'a> {
    died_at: i64,
    reason: &'a str,
    activity: &'a Activity,
}
