//! `tracker journal dead-letters`.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use tracker_core::{
    Activity,
    journal::{DeadLetter, dead_letters, delete_dead_letters, inspect, requeue_dead_letters},
};

use crate::{
    confirm,
    failure::note,
    moment,
    number::counted,
    output::{Output, print},
    table::shown,
};

const EXAMPLES: &str = "\
Examples:
  tracker journal dead-letters /var/lib/worker/journals
  tracker journal dead-letters /var/lib/worker/journals --json | jq -r .reason | sort | uniq -c
  tracker journal dead-letters /var/lib/worker/journals --requeue && tracker journal replay /var/lib/worker/journals

A dead letter is an activity that the store refused for its values, not for being away. Mend the reason first: what is put back is \
delivered by the next worker that starts there, or by `tracker journal replay`, and is a dead letter again if the store refuses it again.";

/// Is said where there is nothing to put back or to remove.
const NONE: &str = "there are no dead letters";

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

pub(crate) async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.requeue {
        return requeue(arguments);
    }
    if arguments.delete {
        return delete(arguments).await;
    }
    let letters = dead_letters(&arguments.directory, arguments.limit)?;
    let is_json = arguments.json || !Output::is_terminal();
    let mut output = Output::new();
    for letter in &letters {
        if is_json {
            output.json(&Shown::from(letter))?;
        } else {
            output.line(&as_text(letter))?;
        }
    }
    output.flush()?;
    let there = count(arguments)?;
    if !is_json && there > letters.len() as u64 {
        note(&format!("of {}: --limit N", counted_letters(there)));
    }
    Ok(())
}

/// A dead letter as JSON, which has the activity as it is imported again.
#[derive(Serialize)]
struct Shown<'a> {
    died_at: i64,
    reason: &'a str,
    activity: &'a Activity,
}

impl<'a> From<&'a DeadLetter> for Shown<'a> {
    fn from(letter: &'a DeadLetter) -> Self {
        Self {
            died_at: letter.died_at,
            reason: &letter.reason,
            activity: &letter.activity,
        }
    }
}

fn as_text(letter: &DeadLetter) -> String {
    let activity = &letter.activity;
    let words = [
        Some(moment::shown(letter.died_at)),
        Some(activity.action_id.clone()),
        activity.action_type.as_deref().map(str::to_owned),
        activity.project_id.clone(),
        activity.action_details.clone(),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    let (words, reason) = (shown(&words.join("  ")), shown(&letter.reason));
    format!("{words}\n  {reason}")
}

fn requeue(arguments: &Arguments) -> anyhow::Result<()> {
    let requeued = requeue_dead_letters(&arguments.directory)?;
    let letters = counted_letters(requeued.letters);
    let Some(journal) = requeued.journal else {
        return Ok(print(NONE)?);
    };
    let directory = arguments.directory.display();
    print(&format!("put {letters} back, into {}", journal.display()))?;
    note(&format!(
        "the next worker that starts there delivers them, or `tracker journal replay {directory}`"
    ));
    Ok(())
}

async fn delete(arguments: &Arguments) -> anyhow::Result<()> {
    let question = async || {
        let count = count(arguments)?;
        let letters = counted_letters(count);
        let question = format!("Remove {letters} for good? Nothing else has what is in them.");
        Ok((count > 0).then_some(question))
    };
    if !confirm::is_meant(arguments.yes, question).await? {
        return Ok(print(NONE)?);
    }
    let deleted = delete_dead_letters(&arguments.directory)?;
    Ok(print(&format!("removed {}", counted_letters(deleted)))?)
}

/// How many there are, as far as the journals can be read.
fn count(arguments: &Arguments) -> anyhow::Result<u64> {
    let journals = inspect(&arguments.directory)?;
    let contents = journals
        .iter()
        .filter_map(|journal| journal.contents.as_ref().ok());
    Ok(contents.map(|contents| contents.dead_letters).sum())
}

fn counted_letters(count: u64) -> String {
    counted(count, "dead letter", "dead letters")
}
