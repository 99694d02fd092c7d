//! One rule for every command that takes activities away for good: somebody says that it is meant.
//!
//! `--yes` says so, or an answer in a terminal does. Without either nothing is removed, and the
//! exit code tells. Nobody is asked about nothing. What only adds, moves or copies activities asks nothing: `import`, `migrate`,
//! `journal replay`, `--requeue` of dead letters.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;

use super::failure::{UsageError, say};

/// Whether the removal that `question` describes is to be made: false where there is nothing to
/// remove, and so no question.
///
/// The question is made only where there is somebody to ask. Anything but yes is an error, so that
/// the exit code tells that nothing was removed.
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
        // The input has ended, and the question's line has not.
        say("\n");
    }
    let is_meant = ["y", "yes"].contains(&&*answer.trim().to_ascii_lowercase());
    anyhow::ensure!(is_meant, "nothing was removed");
    Ok(true)
}
