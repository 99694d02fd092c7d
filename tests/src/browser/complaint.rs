//! Warnings and errors of a page: [`Complaint`].

use serde_json::Value;

/// A warning or an error of the console.
#[derive(Debug)]
pub struct Complaint {
    /// The source: `network`, `javascript`, `console-api`, `security`, …
    pub source: String,
    /// The message.
    pub message: String,
}

impl Complaint {
    pub(super) fn of(entry: &Value) -> Self {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        Self {
            source: text("source"),
            message: text("message"),
        }
    }

    /// Reads a line of Firefox's output.
    pub(super) fn printed(line: &str) -> Option<Self> {
        // Other addresses are of the browser's own scripts.
        let is_of_page = line.starts_with("JavaScript ") && line.contains(": http://");
        is_of_page.then(|| Self {
            source: "javascript".to_owned(),
            message: line.to_owned(),
        })
    }
}

/// The complaints of pages that nobody has taken.
#[derive(Default)]
pub(super) struct Kept {
    /// The length of the part of the log that was read.
    pub(super) log_read: usize,
    pub(super) complaints: Vec<Complaint>,
}
