//! An error with all its sources on one line: [`ErrorChain`].

use std::{error::Error, fmt};

/// Displays an error and each of its sources, separated by `: `, without repeating any text.
pub(crate) struct ErrorChain<'a>(pub(crate) &'a (dyn Error + 'static));

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = self.0.to_string();
        f.write_str(&last)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            let text = error.to_string();
            if let Some(new) = text.strip_suffix(&last) {
                // The source repeats its parent after a prefix, like SQLite's `Error code 13: `.
                let new = new.trim_end_matches([':', ' ']);
                if !new.is_empty() {
                    write!(f, " ({new})")?;
                }
            } else if !last.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            last = text;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use thiserror::Error;

    use super::*;

    #[derive(Debug, Error)]
    #[error("{0}")]
    struct Layer(&'static str, #[source] Option<Box<Layer>>);

    #[test]
    fn nothing_is_said_twice() {
        let told = |texts: [&'static str; 3]| {
            let layer = |source, text| Some(Box::new(Layer(text, source)));
            let chain = texts.into_iter().rev().fold(None, layer);
            chain.map(|error| ErrorChain(&*error).to_string())
        };
        for (texts, expected) in [
            (
                ["can't write", "full", "Error code 13: full"],
                "can't write: full (Error code 13)",
            ),
            (
                ["can't write: full", "full", "no room"],
                "can't write: full: no room",
            ),
            (["can't write", "full", "full"], "can't write: full"),
        ] {
            assert_eq!(told(texts).as_deref(), Some(expected));
        }
    }
}
