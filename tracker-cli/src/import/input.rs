//! The input of an import, in any of its forms: [`Entries`].

use std::io::{self, BufRead, BufReader, Cursor, Read};

use tracker_server::csv::Formulas;

use super::{
    array::Array,
    entry::Entry,
    lines::Lines,
    map::Map,
    recognise::{BEGINNING, FileError, Form, recognised, recognised_other},
    table::Table,
    unpack,
};

/// A text with the beginning put back by which it was recognised.
type Text = Box<dyn BufRead>;

/// The way to read an input.
pub(super) enum Reading {
    /// Activities, whose texts in CSV may be guarded.
    Exported(Formulas),
    /// Rows of another log.
    Other(Box<Map>),
}

/// The activities of an input, one after the other.
pub(super) struct Entries {
    rows: Rows,
    map: Option<Box<Map>>,
}

enum Rows {
    Lines(Lines<Text>),
    Array(Array<Text>),
    Table(Box<Table<Text>>),
}

impl Entries {
    /// Recognises an input by its beginning, and unpacks it as it is read.
    pub(super) fn of(input: impl Read + 'static, reading: Reading) -> io::Result<Self> {
        let recognised = match reading {
            Reading::Exported(_) => recognised,
            Reading::Other(_) => recognised_other,
        };
        let (form, text) = begun(BufReader::new(input), recognised)?;
        let (form, text) = match form {
            Form::Gzip => begun(unpack::gzip(text), recognised)?,
            Form::Zstd => begun(unpack::zstd(text), recognised)?,
            form => (form, text),
        };
        let rows = match (form, &reading) {
            (Form::Gzip | Form::Zstd, _) => return Err(FileError::Twofold.into()),
            (Form::Lines, _) => Rows::Lines(Lines::new(text)),
            (Form::Array, _) => Rows::Array(Array::new(text)),
            (Form::Csv, Reading::Exported(formulas)) => {
                Rows::Table(Box::new(Table::exported(text, *formulas)?))
            }
            (Form::Csv, Reading::Other(map)) => Rows::Table(Box::new(Table::other(text, map)?)),
        };
        let map = match reading {
            Reading::Exported(_) => None,
            Reading::Other(map) => Some(map),
        };
        Ok(Self { rows, map })
    }

    /// Returns the next entry, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Entry>> {
        let raw = match &mut self.rows {
            Rows::Lines(lines) => lines.next(),
            Rows::Array(array) => array.next(),
            Rows::Table(table) => table.next(),
        }?;
        Ok(raw.map(|raw| Entry::read(raw, self.map.as_deref_mut())))
    }

    /// Returns what the map has left out, if there is one.
    pub(super) fn notes(&self) -> Vec<String> {
        self.map.as_deref().map_or_else(Vec::new, Map::notes)
    }

    /// Returns what an entry is called, one and several.
    pub(super) fn noun(&self) -> [&'static str; 2] {
        match &self.rows {
            Rows::Lines(_) | Rows::Table(_) => ["line", "lines"],
            Rows::Array(_) => ["element", "elements"],
        }
    }
}

/// Reads the beginning of an input, and returns its form with the whole of it.
fn begun(
    mut input: impl BufRead + 'static,
    recognised: fn(&[u8]) -> Result<Form, FileError>,
) -> io::Result<(Form, Text)> {
    let mut beginning = Vec::new();
    input
        .by_ref()
        .take(BEGINNING as u64)
        .read_to_end(&mut beginning)?;
    let form = recognised(&beginning)?;
    let text = Cursor::new(beginning).chain(input);
    Ok((form, Box::new(text)))
}
