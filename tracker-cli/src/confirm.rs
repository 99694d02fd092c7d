//! The confirmation of every command that removes activities.
//!
//! `--yes` confirms, or an answer in a terminal does. Without either nothing is removed, and the
//! exit code is that of a failure, as in apt, dnf and terraform: whoever chains commands goes on
//! only after a removal. Nothing is asked if there is nothing to remove, and by commands that only
//! add, move or copy activities: `import`, `migrate`, `journal replay`, `--requeue` of dead
//! letters.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;

use super::failure::{Declined, UsageError, say};

/// Returns true if the removal that `question` describes is confirmed, and false if there is
/// nothing to remove, hence no question.
///
/// The question is made only if there is a terminal to ask in. Any answer but yes is
/// [`Declined`].
pub(crate) async fn is_meant(
    yes: bool,
    question: impl AsyncFnOnce() -> anyhow::Result<Option<String>>,
) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let message =
            "nothing is removed: there is no terminal to ask in, and --yes says that it is meant";
        return Err(UsageError::new(message).into());
    }
    let Some(question) = question().await? else {
        return Ok(false);
    };
    say(&format!("{question} [y/N] "));
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("the answer can't be read: --yes does without")?;
    if !answer.ends_with('\n') {
        // The input has ended without the line end of an answer.
        say("\n");
    }
    let is_meant = ["y", "yes"].contains(&&*answer.trim().to_ascii_lowercase());
    if is_meant {
        Ok(true)
    } else {
        Err(Declined.into())
    }
}
