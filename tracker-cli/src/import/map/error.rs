//! The reasons why a map can't make an activity of a row: [`RowError`].

use thiserror::Error;
use tracker_core::limits::ID_CHARS_MAX;

/// The characters of a value that a message repeats.
const SHOWN_CHARS_MAX: usize = 60;

/// The reason, with the column of the row that it lies in.
#[derive(Debug, Error)]
pub(in crate::import) enum RowError {
    #[error("column `{column}`: it is no JSON, and the map looks for a value in it")]
    NoJson {
        column: String,
        source: serde_json::Error,
    },
    #[error(
        "column `{column}`: `{value}` is not in the `values` of {target}: add it there, or say by `otherwise` what becomes of any other"
    )]
    Unlisted {
        column: String,
        value: String,
        target: &'static str,
    },
    #[error("column `{column}`: `{value}` is no time of the format {format}")]
    NoTime {
        column: String,
        value: String,
        format: String,
        source: TimeError,
    },
    #[error("column `{column}`: it is empty, and an activity needs its {target}")]
    Missing {
        column: String,
        target: &'static str,
    },
    #[error(
        "column `{column}`: {target} would have {chars} characters, and {ID_CHARS_MAX} are the most"
    )]
    Long {
        column: String,
        target: &'static str,
        chars: usize,
    },
}

impl RowError {
    pub(super) fn missing(target: &'static str, column: &str) -> Self {
        Self::Missing {
            column: column.to_owned(),
            target,
        }
    }
}

/// The reason why a text is no time.
#[derive(Debug, Error)]
pub(in crate::import) enum TimeError {
    #[error("it is no number")]
    Number,
    #[error("it is far from our time, as milliseconds are that are read as seconds")]
    Far,
    #[error(transparent)]
    Malformed(#[from] jiff::Error),
}

/// Returns the beginning of a value.
pub(super) fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}
