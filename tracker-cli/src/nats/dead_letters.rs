//! `tracker nats dead-letters`.

use std::{borrow::Cow, time::Duration};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use tracker_core::{
    Activity,
    nats::{DeadLetter, DeadLetters},
};

use super::Servers;
use crate::{
    confirm,
    failure::note,
    moment,
    number::counted,
    output::{Output, print},
    settings::Settings,
    table::shown,
};

const EXAMPLES: &str = "\
Examples:
  tracker nats dead-letters
  tracker nats dead-letters --json | jq -r .reason | sort | uniq -c
  tracker nats dead-letters --requeue

A dead letter is a message that is no activity, or an activity that the store refused for its values, not for being away. Mend the reason \
first: what is put back is delivered by a relay, and is a dead letter again if the store refuses it again.";

/// How long each answer of the server is waited for.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Shows what relays could not store, has it delivered again, or removes it
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag, and clap refuses those that do not go together"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    servers: Servers,
    /// As JSON, one dead letter on each line, in a terminal too
    #[arg(long)]
    json: bool,
    /// At most so many
    #[arg(short = 'n', long, value_name = "N", default_value_t = 1_000, conflicts_with_all = ["requeue", "delete"])]
    limit: u64,
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

pub(crate) async fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<()> {
    let options = arguments.servers.options(settings)?;
    let letters = DeadLetters::open(options, ANSWER_MAX).await?;
    if arguments.requeue {
        let put_back = async |letter: &DeadLetter| letters.put_back(letter).await;
        let count = for_each(&letters, "put back", put_back).await?;
        return Ok(print(&format!("put {} back", counted_letters(count)))?);
    }
    if arguments.delete {
        return delete(&letters, arguments).await;
    }
    list(&letters, arguments).await
}

async fn list(letters: &DeadLetters, arguments: &Arguments) -> anyhow::Result<()> {
    let is_json = arguments.json || !Output::is_terminal();
    let mut output = Output::new();
    let (mut shown, mut number) = (0, 0);
    while shown < arguments.limit
        && let Some(letter) = letters.next(number).await?
    {
        if is_json {
            output.json(&Shown::from(&letter))?;
        } else {
            output.line(&as_text(&letter))?;
        }
        number = letter.number + 1;
        shown += 1;
    }
    output.flush()?;
    let there = letters.count().await?;
    if !is_json && there > shown {
        note(&format!("of {}: --limit N", counted_letters(there)));
    }
    Ok(())
}

async fn delete(letters: &DeadLetters, arguments: &Arguments) -> anyhow::Result<()> {
    let question = async || {
        let count = letters.count().await?;
        let letters = counted_letters(count);
        let question = format!("Remove {letters} for good? Nothing else has what is in them.");
        Ok((count > 0).then_some(question))
    };
    if !confirm::is_meant(arguments.yes, question).await? {
        return Ok(print("there are no dead letters")?);
    }
    let remove = async |letter: &DeadLetter| letters.remove(letter.number).await;
    let count = for_each(letters, "removed", remove).await?;
    Ok(print(&format!("removed {}", counted_letters(count)))?)
}

/// Does something with each one that is there now; returns how many they were.
async fn for_each(
    letters: &DeadLetters,
    done: &str,
    act: impl AsyncFn(&DeadLetter) -> Result<(), tracker_core::nats::NatsError>,
) -> anyhow::Result<u64> {
    let there = letters.count().await?;
    let (mut count, mut number) = (0, 0);
    // Those that come back meanwhile are left for the next time.
    while count < there
        && let Some(letter) = letters.next(number).await?
    {
        let acted = act(&letter).await;
        acted
            .with_context(|| format!("failed after {} had been {done}", counted_letters(count)))?;
        number = letter.number + 1;
        count += 1;
    }
    Ok(count)
}

/// A dead letter as JSON, which has the activity as it is imported again, or else the message.
#[derive(Serialize)]
struct Shown<'a> {
    number: u64,
    died_at: Option<i64>,
    reason: &'a str,
    subject: &'a str,
    activity: Option<&'a Activity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'a, str>>,
}

impl<'a> From<&'a DeadLetter> for Shown<'a> {
    fn from(letter: &'a DeadLetter) -> Self {
        let activity = letter.activity.as_ref();
        Self {
            number: letter.number,
            died_at: letter.died_at,
            reason: &letter.reason,
            subject: &letter.subject,
            activity,
            message: activity
                .is_none()
                .then(|| String::from_utf8_lossy(&letter.payload)),
        }
    }
}

fn as_text(letter: &DeadLetter) -> String {
    let activity = letter.activity.as_ref();
    let words = [
        letter.died_at.map(moment::shown),
        Some(letter.subject.clone()),
        activity.map(|activity| activity.action_id.clone()),
        activity.and_then(|activity| activity.action_type.as_deref().map(str::to_owned)),
        activity.and_then(|activity| activity.action_details.clone()),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    let (words, reason) = (shown(&words.join("  ")), shown(&letter.reason));
    format!("{words}\n  {reason}")
}

fn counted_letters(count: u64) -> String {
    counted(count, "dead letter", "dead letters")
}
