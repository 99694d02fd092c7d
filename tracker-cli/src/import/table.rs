//! Comma-separated values, as the command and the API export them or as another log has them:
//! [`Table`].

use std::{
    cell::Cell,
    collections::BTreeSet,
    fmt::Write as _,
    io::{self, BufRead, Read},
    rc::Rc,
    str,
};

use serde_json::value::RawValue;
use tracker_core::Activity;
use tracker_server::csv::Formulas;

use super::{
    created_at::{CREATED_AT, CREATED_AT_RFC3339},
    entry::{BYTES_MAX, EntryError, Raw, is_known},
    map::Map,
    recognise::FileError,
};

/// Reads row by row, in the memory of the longest row.
pub(super) struct Table<R> {
    reader: csv::Reader<ByLine<R>>,
    formulas: Formulas,
    /// The columns of the fields; `None` for a field that is passed over.
    columns: Vec<Option<Column>>,
    read: Rc<Progress>,
    row: csv::ByteRecord,
}

/// The column of a field.
struct Column {
    /// The JSON of the name.
    key: String,
    /// The column of an activity, or `None` for one of another log, whose fields are texts.
    own: Option<&'static str>,
}

impl Column {
    fn own(name: &'static str) -> Self {
        Self {
            key: json_text(name),
            own: Some(name),
        }
    }

    fn other(name: &str) -> Self {
        Self {
            key: json_text(name),
            own: None,
        }
    }
}

impl<R: BufRead> Table<R> {
    /// Reads the header of a table of activities.
    pub(super) fn exported(input: R, formulas: Formulas) -> io::Result<Self> {
        let mut table = Self::begun(input, b',', formulas);
        for name in table.header()? {
            if !is_known(&name) {
                return Err(FileError::Column(name).into());
            }
            let mut read = Activity::COLUMNS.into_iter().chain([CREATED_AT_RFC3339]);
            let column = read.find(|column| *column == name);
            table.columns.push(column.map(Column::own));
        }
        Ok(table)
    }

    /// Reads the header of a table of another log, which has all columns that the map names.
    pub(super) fn other(input: R, map: &Map) -> io::Result<Self> {
        let mut table = Self::begun(input, map.separator(), Formulas::Raw);
        let header = table.header()?;
        if let Some(name) = map.lacking(&header) {
            return Err(FileError::Lacks {
                name: name.to_owned(),
                header: match &*header {
                    [one] => format!("one column, `{one}`, as with another `separator`"),
                    _ => header.join(", "),
                },
            }
            .into());
        }
        let columns = header
            .iter()
            .map(|name| (!name.is_empty()).then(|| Column::other(name)));
        table.columns.extend(columns);
        Ok(table)
    }

    fn begun(input: R, separator: u8, formulas: Formulas) -> Self {
        let read = Rc::<Progress>::default();
        let by_line = ByLine {
            input,
            read: Rc::clone(&read),
            is_begun: false,
        };
        let reader = csv::ReaderBuilder::new()
            .flexible(true)
            .delimiter(separator)
            .from_reader(by_line);
        Self {
            reader,
            formulas,
            columns: Vec::new(),
            read,
            row: csv::ByteRecord::new(),
        }
    }

    /// Reads the names of the columns. Those at the end of a spreadsheet may have none.
    fn header(&mut self) -> io::Result<Vec<String>> {
        let header = self.reader.headers().map_err(io_error)?;
        let mut seen = BTreeSet::new();
        let mut named = header.iter().filter(|name| !name.is_empty());
        if let Some(name) = named.find(|name| !seen.insert(*name)) {
            return Err(FileError::Twice(name.to_owned()).into());
        }
        Ok(header.iter().map(str::to_owned).collect())
    }

    /// Returns the next row, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Raw>> {
        self.read.row_bytes.set(0);
        if !self
            .reader
            .read_byte_record(&mut self.row)
            .map_err(io_error)?
        {
            return Ok(None);
        }
        // Each other row ends at the end of its line.
        let json = if self.read.has_ended.get() {
            Err(EntryError::OpenQuote)
        } else {
            self.json()
        };
        Ok(Some(Raw {
            number: self.line(),
            json: json.map(String::into_bytes),
        }))
    }

    /// Returns the line in which the row begins. The reader gives that of the blank lines before
    /// it.
    fn line(&self) -> u64 {
        let within = self.row.as_slice().iter().filter(|byte| **byte == b'\n');
        self.read.lines.get() - within.count() as u64
    }

    /// Returns the JSON of the row. An empty field is null, as CSV has no null of its own.
    fn json(&self) -> Result<String, EntryError> {
        if self.row.len() != self.columns.len() {
            return Err(EntryError::Fields {
                expected: self.columns.len(),
                found: self.row.len(),
            });
        }
        let mut json = String::from("{");
        for (column, field) in self.columns.iter().zip(&self.row) {
            let field = str::from_utf8(field).map_err(EntryError::Utf8)?;
            let text = self.formulas.unguarded(field);
            let Some(Column { key, own }) = column else {
                continue;
            };
            let value = value(*own, text)?;
            if json.len() > 1 {
                json.push(',');
            }
            // Writing to a string does not fail.
            let _ = write!(json, "{key}:{value}");
        }
        json.push('}');
        Ok(json)
    }
}

/// Returns the JSON of a field, which is of this column of an activity or of another log.
fn value(own: Option<&'static str>, text: &str) -> Result<String, EntryError> {
    match own {
        Some("action_id") => Ok(json_text(text)),
        Some("reference_ids") if text.is_empty() => Ok("{}".to_owned()),
        _ if text.is_empty() => Ok("null".to_owned()),
        Some(column @ "reference_ids") => {
            let json = serde_json::from_str::<&RawValue>(text);
            json.map(|json| json.get().to_owned())
                .map_err(|_| EntryError::Field {
                    column,
                    expected: "JSON",
                })
        }
        Some(CREATED_AT) => Ok(text
            .parse::<i64>()
            .map_or_else(|_| json_text(text), |ms| ms.to_string())),
        _ => Ok(json_text(text)),
    }
}

fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The progress of reading the lines of a table.
#[derive(Default)]
struct Progress {
    /// The number of lines that have begun.
    lines: Cell<u64>,
    /// The number of bytes since the last row.
    row_bytes: Cell<usize>,
    /// True once there is no further line.
    has_ended: Cell<bool>,
}

/// An input that is read line by line, so that its lines can be counted. Its last line ends as all
/// others do, even if the input has no end of it. It fails once a row is too long: a quote that is
/// not closed would take all of it.
struct ByLine<R> {
    input: R,
    read: Rc<Progress>,
    /// True within a line.
    is_begun: bool,
}

impl<R: BufRead> Read for ByLine<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Progress {
            lines,
            row_bytes,
            has_ended,
        } = &*self.read;
        if row_bytes.get() > BYTES_MAX {
            return Err(FileError::LongRow.into());
        }
        let available = self.input.fill_buf()?;
        if available.is_empty() && self.is_begun && !buffer.is_empty() {
            self.is_begun = false;
            buffer[0] = b'\n';
            return Ok(1);
        }
        has_ended.set(available.is_empty());
        let available = &available[..available.len().min(buffer.len())];
        let end = available.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(available.len(), |end| end + 1);
        buffer[..taken].copy_from_slice(&available[..taken]);
        self.input.consume(taken);
        row_bytes.set(row_bytes.get() + taken);
        // At the end of the input an empty line begins, in which a quote ends that is not closed.
        lines.set(lines.get() + u64::from(!self.is_begun));
        self.is_begun = end.is_none();
        Ok(taken)
    }
}

fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => FileError::NoUtf8.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::entry::Entry, *};

    fn entries(text: &str) -> io::Result<Vec<(u64, Result<Activity, String>)>> {
        let mut table = Table::exported(text.as_bytes(), Formulas::Guarded)?;
        let mut entries = Vec::new();
        while let Some(entry) = table.next()? {
            let entry = Entry::read(entry, None);
            let activity = entry.activity.map_err(|error| error.to_string());
            entries.push((entry.number, activity));
        }
        Ok(entries)
    }

    #[test]
    fn columns_come_in_any_order_and_some_may_be_missing() {
        let text = "\u{FEFF}created_at,\"action_id\",action_details,reference_ids\r\n-7,a,\"two\nlines, \"\"quoted\"\"\",\"{\"\"n\"\":1.50}\"\r\n,'=b,,\r\n";
        let rows = entries(text).unwrap();
        assert_eq!((rows[0].0, rows[1].0), (2, 4));
        let [first, second] = [0, 1].map(|row: usize| rows[row].1.clone().unwrap());
        assert_eq!(
            first.action_details.as_deref(),
            Some("two\nlines, \"quoted\"")
        );
        assert_eq!(first.created_at, Some(-7));
        let references = serde_json::to_string(&first.reference_ids).unwrap();
        assert_eq!(references, r#"{"n":1.50}"#);
        assert_eq!(second.action_id, "=b");
        assert_eq!(second.action_details, None);
    }

    #[test]
    fn a_row_that_is_no_activity_says_why_and_the_next_is_read() {
        let text = "action_id,created_at,reference_ids\na,soon,\nb,1\nc,1,{\n,1,\nd,1,{}\n";
        let rows = entries(text).unwrap();
        let says = [
            "its created_at is no time",
            "it has 2 fields, and the header has 3",
            "its reference_ids is no JSON",
            "its action_id is empty",
        ];
        for (row, (says, line)) in says.iter().zip(2..).enumerate() {
            assert_eq!(rows[row].0, line);
            let error = rows[row].1.as_ref().unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert_eq!(rows[4].1.as_ref().unwrap().action_id, "d");
        let alone = entries("action_id\na\n").unwrap();
        let error = alone[0].1.as_ref().unwrap_err();
        assert!(error.contains("nothing but an action_id"), "{error}");
    }

    #[test]
    fn a_time_is_a_number_or_a_text_in_either_column() {
        let text = "action_id,user_id,created_at,created_at_rfc3339,action_label\na,u,7,,A\nb,u,1970-01-01T00:00:01Z,,A\nc,u,,1970-01-01T00:00:02Z,A\n";
        let rows = entries(text).unwrap();
        let times = rows.iter().map(|(_, row)| row.as_ref().unwrap().created_at);
        assert!(times.eq([Some(7), Some(1_000), Some(2_000)]));
    }

    #[test]
    fn a_row_is_named_by_the_line_in_which_it_begins_whatever_is_before_it() {
        for end in ["\n", "\r\n"] {
            let lines = [
                "",
                "action_id,user_id",
                "",
                "",
                "a,u",
                "b,\"x",
                "",
                "y\"",
                "",
                "c,u",
                "d",
                "e,\"z",
                "",
            ];
            let rows = entries(&lines.join(end)).unwrap();
            let numbers: Vec<_> = rows.iter().map(|(line, _)| *line).collect();
            assert_eq!(numbers, [5, 6, 10, 11, 12]);
            assert!(rows[3].1.is_err());
        }
    }

    #[test]
    fn a_row_whose_quote_is_not_closed_is_no_activity_and_those_before_it_are() {
        let whole = "action_id,user_id\na,u\nb,\"v";
        for end in ["", "\n", "\r\n", "\nc,u\n"] {
            let rows = entries(&format!("{whole}{end}")).unwrap();
            assert_eq!((rows.len(), rows[1].0), (2, 3), "{end:?}");
            assert!(rows[0].1.is_ok(), "{end:?}");
            let error = rows[1].1.as_ref().unwrap_err();
            assert!(error.contains("a quote in it is not closed"), "{error}");
        }
        for end in ["\"", "\"\n", "\"\r\n", "\"\r"] {
            let rows = entries(&format!("{whole}{end}")).unwrap();
            let last = rows[1].1.as_ref().unwrap();
            assert_eq!(last.user_id.as_deref(), Some("v"), "{end:?}");
        }
    }

    #[test]
    fn a_header_that_is_wrong_and_a_quote_that_is_not_closed_end_it() {
        for (text, says) in [
            ("action_id,userId\na,b\n".to_owned(), "`userId`"),
            ("action_id,user_id,user_id\n".to_owned(), "twice"),
            (
                format!("action_id,user_id\na,\"{}", "x".repeat(3 * BYTES_MAX)),
                "a quote that is not closed",
            ),
        ] {
            let error = entries(&text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
