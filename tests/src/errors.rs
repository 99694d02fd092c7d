//! What an error says, to whoever reads it.

use std::{error::Error, fmt::Write as _};

/// The error's message and those of all its causes, then its `Debug` form: all the text that can end up in a log.
#[must_use]
pub fn all_text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string can't fail.
        let _ = write!(text, "\ncaused by: {error}");
        cause = error.source();
    }
    let _ = write!(text, "\n{error:?}");
    text
}
