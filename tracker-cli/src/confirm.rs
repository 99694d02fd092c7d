//! One rule for every command that takes activities away for good: somebody says that it is meant.
//!
//! `--yes` says so, or an answer in a terminal does. Without either nothing is removed, and the
//! exit code tells. What only adds, moves or copies activities asks nothing: `import`, `migrate`,
//! `journal replay`, `--requeue` of dead letters.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;

use super::failure::{UsageError, note, say};

/// Whether the removal that `question` describes is meant; it is made only where there is somebody
/// to ask, and anything but yes is no.
pub(crate) async fn is_meant(
    yes: bool,
    question: impl AsyncFnOnce() -> anyhow::Result<String>,
) -> anyhow::Result<bool> {
    if yes {
        return Ok(true);
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        let message =
            "nothing is removed: there is no terminal to ask in, and --yes says that it is meant";
        return Err(UsageError::new(message).into());
    }
    say(&format!("{} [y/N] ", question().await?));
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("the answer can't be read: --yes does without")?;
    let is_meant = ["y", "yes"].contains(&&*answer.trim().to_ascii_lowercase());
    if !is_meant {
        note("removed nothing");
    }
    Ok(is_meant)
}
