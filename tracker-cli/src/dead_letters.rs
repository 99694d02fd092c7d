//! Dead letters, shown, requeued or removed in one way wherever they are kept.

use clap::Args;
use serde::Serialize;

use super::{
    columns::shown,
    confirm,
    failure::note,
    number,
    output::{Output, print},
};

/// The output of a command that finds nothing to requeue or to remove.
pub(crate) const NONE: &str = "there are no dead letters";

/// The options for what is done with dead letters. Without one they are listed.
#[derive(Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag, and clap refuses those that do not go together"
)]
pub(crate) struct Options {
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

/// A place that keeps dead letters.
pub(crate) trait Source {
    type Letter: Letter;

    /// Returns the number of dead letters.
    async fn count(&self) -> anyhow::Result<u64>;

    /// Hands dead letters to `show`, up to the limit, and returns their number.
    async fn for_each(
        &self,
        limit: u64,
        show: impl FnMut(&Self::Letter) -> anyhow::Result<()>,
    ) -> anyhow::Result<u64>;

    /// Puts all dead letters back to be delivered, and prints what came of it.
    async fn requeue(&self) -> anyhow::Result<()>;

    /// Removes all dead letters, and returns their number.
    async fn delete(&self) -> anyhow::Result<u64>;
}

/// A dead letter for people and programs.
pub(crate) trait Letter {
    /// Returns the JSON form, which has the activity in the form that `tracker import` takes.
    fn json(&self) -> impl Serialize;

    /// Returns the words of the line for people; unknown ones are left out.
    fn words(&self) -> [Option<String>; 5];

    /// Returns the reason of the refusal.
    fn reason(&self) -> &str;
}

pub(crate) async fn run(source: &impl Source, options: &Options) -> anyhow::Result<()> {
    if options.requeue {
        source.requeue().await
    } else if options.delete {
        delete(source, options.yes).await
    } else {
        list(source, options.json, options.limit).await
    }
}

/// Returns a number of dead letters in words.
pub(crate) fn counted(count: u64) -> String {
    number::counted(count, "dead letter", "dead letters")
}

async fn list(source: &impl Source, json: bool, limit: u64) -> anyhow::Result<()> {
    let is_json = json || !Output::is_terminal();
    let mut output = Output::new();
    let listed = source.for_each(limit, |letter| {
        if is_json {
            output.json(&letter.json())?;
        } else {
            output.line(&as_text(letter))?;
        }
        Ok(())
    });
    let listed = listed.await?;
    output.flush()?;
    let there = source.count().await?;
    if !is_json && there > listed {
        note(&format!("of {}: --limit N", counted(there)));
    }
    Ok(())
}

fn as_text(letter: &impl Letter) -> String {
    let words: Vec<_> = letter.words().into_iter().flatten().collect();
    let (words, reason) = (shown(&words.join("  ")), shown(letter.reason()));
    format!("{words}\n  {reason}")
}

async fn delete(source: &impl Source, yes: bool) -> anyhow::Result<()> {
    let question = async || {
        let count = source.count().await?;
        let letters = counted(count);
        let question = format!("Remove {letters} for good? Nothing else has what is in them.");
        Ok((count > 0).then_some(question))
    };
    if !confirm::is_meant(yes, question).await? {
        return Ok(print(NONE)?);
    }
    let deleted = source.delete().await?;
    Ok(print(&format!("removed {}", counted(deleted)))?)
}
