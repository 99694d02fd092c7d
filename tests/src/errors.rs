//! The texts of an error.

use std::{error::Error, fmt::Write as _};

/// Returns the messages of the error and its causes, and its `Debug` form: all text that can reach
/// a log.
#[must_use]
pub fn all_text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a `String` can't fail.
        let _ = write!(text, "\ncaused by: {error}");
        cause = error.source();
    }
    let _ = write!(text, "\n{error:?}");
    text
}
