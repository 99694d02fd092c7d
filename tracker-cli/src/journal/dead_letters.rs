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
    dead_letters::{self, Letter, NONE, Options, Source, counted},
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
pub(crate) struct Arguments {
    /// The directory of the journals
    directory: PathBuf,
    #[command(flatten)]
    options: Options,
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
    dead_letters::run(&journals, &arguments.options).await
}

/// The journals of a directory.
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
        letters.iter().take(limit).try_for_each(show)?;
        Ok(letters.len().min(limit) as u64)
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
