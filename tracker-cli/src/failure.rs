//! The failures of a command: the message on stderr and the exit code.

use std::{error::Error, io::Write as _, process::ExitCode};

use clap::error::ErrorKind;
use thiserror::Error;
use tracker_core::StoreError;

use super::{output::OutputError, secrets::without_passwords};

const FAILED: u8 = 1;
const USAGE: u8 = 2;
const PARTLY: u8 = 3;

/// The error for a call with arguments that can't be meant.
#[derive(Debug, Error)]
#[error("{message}")]
pub(crate) struct UsageError {
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl UsageError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            source: None,
        }
    }

    pub(crate) fn with_source(
        message: impl Into<String>,
        source: impl Error + Send + Sync + 'static,
    ) -> Self {
        Self {
            message: message.into(),
            source: Some(Box::new(source)),
        }
    }
}

/// The end of a command whose question was not answered with yes. It is told without being called
/// an error.
#[derive(Debug, Error)]
#[error("nothing was removed")]
pub(crate) struct Declined;

/// The error of a call that was done in part: what was left out, how much, and what to do about it.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct PartlyError(pub(crate) String);

impl From<tracker_core::store::OpenError> for UsageError {
    fn from(error: tracker_core::store::OpenError) -> Self {
        Self::with_source("the store can't be set up", error)
    }
}

/// Prints clap's message: help on stdout, a mistake on stderr.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        // A reader that closes the output has read enough.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    // The message repeats a mistyped argument, which may be the store's URL.
    say(&without_passwords(&error.render().to_string()));
    USAGE.into()
}

/// Prints an error with its causes, and what to do about it.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if error
        .chain()
        .any(|error| matches!(error.downcast_ref(), Some(OutputError::Closed)))
    {
        return ExitCode::SUCCESS;
    }
    if error.is::<Declined>() {
        note(&error.to_string());
        return FAILED.into();
    }
    say(&without_passwords(&text(error)));
    if error.chain().any(<dyn Error>::is::<UsageError>) {
        USAGE.into()
    } else if error.chain().any(<dyn Error>::is::<PartlyError>) {
        PARTLY.into()
    } else {
        FAILED.into()
    }
}

/// Returns an error and its causes, each on a line.
fn text(error: &anyhow::Error) -> String {
    let mut lines = vec![format!("error: {error}")];
    let causes = error.chain().skip(1);
    lines.extend(causes.map(|cause| format!("  because: {cause}")));
    lines.extend(advice(error).map(|advice| format!("  try: {advice}")));
    lines.join("\n") + "\n"
}

fn advice(error: &anyhow::Error) -> Option<&'static str> {
    error
        .chain()
        .find_map(|error| match error.downcast_ref::<StoreError>()? {
            StoreError::NotMigrated { .. } => {
                Some("tracker migrate, with the same --store and --schema")
            }
            _ => None,
        })
}

/// Prints on stderr. A closed stderr is ignored, because nobody can be told.
pub(crate) fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Prints a note, which is no error, on a line of stderr.
pub(crate) fn note(text: &str) {
    say(&format!("{}\n", without_passwords(text)));
}

/// Returns an error and its causes on one line.
pub(crate) fn line(error: &(dyn Error + 'static)) -> String {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        texts.push(error.to_string());
        source = error.source();
    }
    texts.join(": ")
}
