//! Files of TOML, and the mistakes in them: [`parse`].

use std::path::Path;

use serde::de::DeserializeOwned;

use super::failure::UsageError;

/// Parses the text of a file.
///
/// # Errors
///
/// Returns an error with the file, the line and the mistake. It leaves out the parser's excerpt of
/// the line, which may hold a password.
pub(crate) fn parse<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, UsageError> {
    toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| {
            let before = text.get(..span.start).unwrap_or_default();
            format!(", line {}", before.matches('\n').count() + 1)
        });
        UsageError::new(format!(
            "{}{}: {}",
            path.display(),
            line.unwrap_or_default(),
            error.message()
        ))
    })
}
