//! The output of a command on stdout.

use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};

use serde::Serialize;
use thiserror::Error;

/// The reason why something could not be printed.
#[derive(Debug, Error)]
pub(crate) enum OutputError {
    /// The reader has closed the output, as in `tracker list | head`; this is no failure.
    #[error("nobody reads the output any more")]
    Closed,
    /// Any other error.
    #[error("the output can't be written")]
    Failed(#[source] io::Error),
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::Closed
        } else {
            Self::Failed(error)
        }
    }
}

/// Buffered stdout.
pub(crate) struct Output(BufWriter<Stdout>);

impl Output {
    pub(crate) fn new() -> Self {
        Self(BufWriter::new(io::stdout()))
    }

    /// Returns true if stdout is a terminal.
    pub(crate) fn is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// Prints a text as it is.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), OutputError> {
        Ok(self.0.write_all(text.as_bytes())?)
    }

    /// Prints a line.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), OutputError> {
        self.text(text)?;
        self.text("\n")
    }

    /// Prints a value as JSON on a line of its own.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), OutputError> {
        serde_json::to_writer(&mut self.0, value).map_err(io::Error::from)?;
        self.text("\n")
    }

    /// Writes the buffered output.
    pub(crate) fn flush(&mut self) -> Result<(), OutputError> {
        Ok(self.0.flush()?)
    }
}

/// Prints one line.
pub(crate) fn print(line: &str) -> Result<(), OutputError> {
    let mut output = Output::new();
    output.line(line)?;
    output.flush()
}
