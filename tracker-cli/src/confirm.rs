//! Asks before something is removed.

use std::io::{self, IsTerminal as _};

use anyhow::Context as _;

use super::failure::say;

/// Whether there is somebody to ask.
pub(crate) fn is_watched() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks on the terminal; anything but yes is no.
pub(crate) fn is_confirmed(question: &str) -> anyhow::Result<bool> {
    say(&format!("{question} [y/N] "));
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .context("the answer can't be read: --yes does without")?;
    Ok(["y", "yes"].contains(&&*answer.trim().to_ascii_lowercase()))
}
