//! `tracker nats dead-letters`.

use std::{borrow::Cow, time::Duration};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use tracker_core::{
    Activity,
    nats::{DeadLetter, DeadLetters, NatsError},
};

use super::servers::Servers;
use crate::{
    dead_letters::{self, Letter, Options, Source, counted},
    moment,
    output::print,
    settings::Settings,
};

const EXAMPLES: &str = "\
Examples:
  tracker nats dead-letters
  tracker nats dead-letters --json | jq -r .reason | sort | uniq -c
  tracker nats dead-letters --requeue

A dead letter is a message that is no activity, or an activity that the store refused for its values, not for being away. Mend the reason \
first: what is put back is delivered by a relay, and is a dead letter again if the store refuses it again.";

/// The longest wait for an answer of the server.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Shows what relays could not store, has it delivered again, or removes it
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    servers: Servers,
    #[command(flatten)]
    options: Options,
}

pub(crate) async fn run(arguments: &Arguments, settings: &Settings) -> anyhow::Result<()> {
    let options = arguments.servers.options(settings)?;
    let letters = DeadLetters::open(options, ANSWER_MAX).await?;
    dead_letters::run(&letters, &arguments.options).await
}

impl Source for DeadLetters {
    type Letter = DeadLetter;

    async fn count(&self) -> anyhow::Result<u64> {
        Ok(Self::count(self).await?)
    }

    async fn for_each(
        &self,
        limit: u64,
        mut show: impl FnMut(&DeadLetter) -> anyhow::Result<()>,
    ) -> anyhow::Result<u64> {
        let (mut count, mut number) = (0, 0);
        while count < limit
            && let Some(letter) = self.next(number).await?
        {
            show(&letter)?;
            number = letter.number + 1;
            count += 1;
        }
        Ok(count)
    }

    async fn requeue(&self) -> anyhow::Result<()> {
        let put_back = async |letter: &DeadLetter| self.put_back(letter).await;
        let count = act_on_all(self, "put back", put_back).await?;
        Ok(print(&format!("put {} back", counted(count)))?)
    }

    async fn delete(&self) -> anyhow::Result<u64> {
        let remove = async |letter: &DeadLetter| self.remove(letter.number).await;
        act_on_all(self, "removed", remove).await
    }
}

/// Acts on each dead letter that is there now, and returns their number.
async fn act_on_all(
    letters: &DeadLetters,
    done: &str,
    act: impl AsyncFn(&DeadLetter) -> Result<(), NatsError>,
) -> anyhow::Result<u64> {
    let there = letters.count().await?;
    let (mut count, mut number) = (0, 0);
    // Dead letters that come back meanwhile are left for the next call.
    while count < there
        && let Some(letter) = letters.next(number).await?
    {
        let acted = act(&letter).await;
        acted.with_context(|| format!("failed after {} had been {done}", counted(count)))?;
        number = letter.number + 1;
        count += 1;
    }
    Ok(count)
}

impl Letter for DeadLetter {
    fn json(&self) -> impl Serialize {
        let activity = self.activity.as_ref();
        Json {
            number: self.number,
            died_at: self.died_at,
            reason: &self.reason,
            subject: &self.subject,
            activity,
            message: activity
                .is_none()
                .then(|| String::from_utf8_lossy(&self.payload)),
        }
    }

    fn words(&self) -> [Option<String>; 5] {
        let activity = self.activity.as_ref();
        [
            self.died_at.map(moment::shown),
            Some(self.subject.clone()),
            activity.map(|activity| activity.action_id.clone()),
            activity.and_then(|activity| activity.action_type.as_deref().map(str::to_owned)),
            activity.and_then(|activity| activity.action_details.clone()),
        ]
    }

    fn reason(&self) -> &str {
        &self.reason
    }
}

/// A dead letter as JSON. It has the message in place of an activity if the message is none.
#[derive(Serialize)]
struct Json<'a> {
    number: u64,
    died_at: Option<i64>,
    reason: &'a str,
    subject: &'a str,
    activity: Option<&'a Activity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Cow<'a, str>>,
}
