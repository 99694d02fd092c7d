//! The input of an import, in any of its forms: [`Entries`].

use std::io::{self, BufRead, BufReader, Cursor, Read};

use tracker_server::csv::Formulas;

use super::{
    array::Array,
    entry::Entry,
    lines::Lines,
    recognise::{BEGINNING, FileError, Form, recognised},
    table::Table,
    unpack,
};

/// A text with the beginning put back by which it was recognised.
type Text = Box<dyn BufRead>;

/// The activities of an input, one after the other.
pub(super) enum Entries {
    Lines(Lines<Text>),
    Array(Array<Text>),
    Table(Box<Table<Text>>),
}

impl Entries {
    /// Recognises an input by its beginning, and unpacks it as it is read.
    pub(super) fn of(input: impl Read + 'static, formulas: Formulas) -> io::Result<Self> {
        let (form, text) = begun(BufReader::new(input))?;
        let (form, text) = match form {
            Form::Gzip => begun(unpack::gzip(text))?,
            Form::Zstd => begun(unpack::zstd(text))?,
            form => (form, text),
        };
        Ok(match form {
            Form::Gzip | Form::Zstd => return Err(FileError::Twofold.into()),
            Form::Lines => Self::Lines(Lines::new(text)),
            Form::Array => Self::Array(Array::new(text)),
            Form::Csv => Self::Table(Box::new(Table::new(text, formulas)?)),
        })
    }

    /// Returns the next entry, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        let raw = match self {
            Self::Lines(lines) => lines.next(),
            Self::Array(array) => array.next(),
            Self::Table(table) => table.next(),
        }?;
        Ok(raw.map(Entry::read))
    }

    /// Returns what an entry is called, one and several.
    pub(super) fn noun(&self) -> [&'static str; 2] {
        match self {
            Self::Lines(_) | Self::Table(_) => ["line", "lines"],
            Self::Array(_) => ["element", "elements"],
        }
    }
}

/// Reads the beginning of an input, and returns its form with the whole of it.
fn begun(mut input: impl BufRead + 'static) -> io::Result<(Form, Text)> {
    let mut beginning = Vec::new();
    input
        .by_ref()
        .take(BEGINNING as u64)
        .read_to_end(&mut beginning)?;
    let form = recognised(&beginning)?;
    let text = Cursor::new(beginning).chain(input);
    Ok((form, Box::new(text)))
}
