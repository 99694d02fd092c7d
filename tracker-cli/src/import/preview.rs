//! An import without a store: [`preview`].

use anyhow::Context as _;

use super::{input::Entries, outcome::Outcome};
use crate::{moment, output::Output};

/// The number of activities that are shown.
const SHOWN: u64 = 3;

/// Shows the first activities, and reads all.
pub(super) fn preview(entries: &mut Entries, outcome: &mut Outcome) -> anyhow::Result<()> {
    let mut output = Output::new();
    let mut shown = 0;
    while let Some(entry) = entries.next().context("can't read the input")? {
        let number = entry.number;
        match entry.activity {
            Ok(activity) => {
                outcome.count(1, None);
                if entry.is_repaired {
                    outcome.count_repaired();
                }
                if shown < SHOWN {
                    shown += 1;
                    output.line(&heading(entries.noun()[0], number, activity.created_at))?;
                    output.line(&serde_json::to_string_pretty(&activity)?)?;
                    output.flush()?;
                }
            }
            Err(error) => outcome.pass_over(number, error.into())?,
        }
    }
    Ok(())
}

/// Returns the heading of an activity. It has the time for people, by which a wrong zone is seen.
fn heading(noun: &str, number: u64, created_at: Option<i64>) -> String {
    match created_at {
        Some(ms) => format!("{noun} {number}, {} UTC:", moment::shown(ms)),
        None => format!("{noun} {number}:"),
    }
}
