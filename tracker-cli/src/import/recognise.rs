//! The kind of a file, by how it begins: [`recognised`].

use std::io;

use thiserror::Error;
use tracker_core::Activity;

/// The reason why a file has no activities that can be read.
#[derive(Clone, Debug, Error)]
pub(super) enum FileError {
    #[error("it is UTF-16: make it UTF-8, as by `iconv -f UTF-16 -t UTF-8 FILE | tracker import`")]
    Utf16,
    #[error(
        "it is compressed by {0}: unpack it, as by `{0} -dc FILE | tracker import`; gzip and zstd are unpacked without that"
    )]
    Compressed(&'static str),
    #[error("it is compressed twice: unpack it once before")]
    Twofold,
    #[error("it is {0}")]
    Other(&'static str),
    #[error(
        "its fields are separated by {0}: save it with commas, as `tracker export --format csv` does"
    )]
    Separator(&'static str),
    #[error(
        "its header has the unknown column `{0}`: the columns are {columns}; for rows of another log see --map",
        columns = Activity::COLUMNS.join(", ")
    )]
    Column(String),
    #[error("its header has no column `{name}`, which the map names: it has {header}")]
    Lacks { name: String, header: String },
    #[error("its header has the column `{0}` twice")]
    Twice(String),
    #[error("its header is no UTF-8")]
    NoUtf8,
    #[error("a row is longer than 1 MiB, which may be due to a quote that is not closed")]
    LongRow,
    #[error("it is no JSON array: between two elements is one comma, and after the last one a `]`")]
    NoArray,
    #[error("the array does not end: the file was cut off")]
    Unended,
    #[error(
        "it unpacks to more than 1,000 times its size, as no activities do: it may have been made to fill a disk or a memory"
    )]
    Bomb,
    #[error("it is damaged: it can't be unpacked")]
    Packing(#[source] std::sync::Arc<dyn std::error::Error + Send + Sync>),
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}

/// The number of bytes at the beginning of a file by which it is recognised.
pub(super) const BEGINNING: usize = 1_024;

/// A form in which activities are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Gzip,
    Zstd,
    Lines,
    Array,
    Csv,
}

const ZIP: &str =
    "a zip archive, as an .xlsx is too: unpack it, or save it as CSV, and import that";
const SQLITE: &str = "an SQLite file: `tracker --store FILE export | tracker import` copies the activities that are in it";
const DUMP: &str = "a dump of a Postgres: restore it with pg_restore, and export from there with `tracker --store URL export`";
const SQL: &str = "SQL, such as a dump of a Postgres: run it with psql, and export from there with `tracker --store URL export`";
const TAR: &str = "a tar archive: take the file of activities out of it";
const MARKUP: &str = "XML or HTML: export the activities as JSON or CSV";
const PARQUET: &str = "a Parquet file: make it JSON or CSV";
const AVRO: &str = "an Avro file: make it JSON or CSV";
const PDF: &str = "a PDF: export the activities as JSON or CSV";

/// The beginnings of files of other kinds, each at its place.
const OTHER_FILES: &[(usize, &[u8], FileError)] = &[
    (0, b"\xFF\xFE", FileError::Utf16),
    (0, b"\xFE\xFF", FileError::Utf16),
    (0, b"{\0", FileError::Utf16),
    (0, b"\0{", FileError::Utf16),
    (0, b"[\0", FileError::Utf16),
    (0, b"\0[", FileError::Utf16),
    (0, b"a\0", FileError::Utf16),
    (0, b"\0a", FileError::Utf16),
    (0, b"\xFD7zXZ\0", FileError::Compressed("xz")),
    (0, b"BZh", FileError::Compressed("bzip2")),
    (0, b"\x04\x22\x4D\x18", FileError::Compressed("lz4")),
    (0, b"LZIP", FileError::Compressed("lzip")),
    (0, b"\x1F\x9D", FileError::Compressed("compress")),
    (0, b"PK\x03\x04", FileError::Other(ZIP)),
    (0, b"PK\x05\x06", FileError::Other(ZIP)),
    (
        0,
        b"7z\xBC\xAF\x27\x1C",
        FileError::Other("a 7z archive: unpack it, and import the file in it"),
    ),
    (257, b"ustar", FileError::Other(TAR)),
    (0, b"SQLite format 3\0", FileError::Other(SQLITE)),
    (0, b"PGDMP", FileError::Other(DUMP)),
    (0, b"PAR1", FileError::Other(PARQUET)),
    (0, b"Obj\x01", FileError::Other(AVRO)),
    (0, b"%PDF-", FileError::Other(PDF)),
];

/// The words with which SQL begins, in capitals.
const SQL_BEGINS: [&str; 10] = [
    "--",
    "/*",
    "\\RESTRICT",
    "\\CONNECT",
    "SET ",
    "BEGIN",
    "CREATE ",
    "INSERT ",
    "COPY ",
    "PRAGMA ",
];

/// Returns the form of a file of activities that begins with these bytes. A file of no known kind
/// is taken for lines, each of which then says what is wrong with it.
pub(super) fn recognised(beginning: &[u8]) -> Result<Form, FileError> {
    by_text(beginning, |text| {
        let line = text.lines().next().unwrap_or_default();
        for (separator, name) in [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")] {
            if line.contains(separator) && is_header(line, separator) {
                return Err(FileError::Separator(name));
            }
        }
        if is_header(line, ',') {
            return Ok(Form::Csv);
        }
        if is_sql(line) {
            return Err(FileError::Other(SQL));
        }
        Ok(Form::Lines)
    })
}

/// Returns the form of a file with the rows of another log.
pub(super) fn recognised_other(beginning: &[u8]) -> Result<Form, FileError> {
    by_text(beginning, |text| match text.bytes().next() {
        Some(b'{') | None => Ok(Form::Lines),
        _ if is_sql(text) => Err(FileError::Other(SQL)),
        _ => Ok(Form::Csv),
    })
}

/// Returns the form that the first bytes tell, or else the one that `recognised` finds by the text
/// behind any mark and blanks.
fn by_text(
    beginning: &[u8],
    recognised: impl FnOnce(&str) -> Result<Form, FileError>,
) -> Result<Form, FileError> {
    let is_at = |place: usize, signature: &[u8]| {
        let from = beginning.get(place..).unwrap_or_default();
        from.starts_with(signature)
    };
    if is_at(0, b"\x1F\x8B") {
        return Ok(Form::Gzip);
    }
    // The second is a frame that a decoder skips, with which some programs begin.
    let is_skippable = is_at(1, b"\x2A\x4D\x18") && beginning[0] & 0xF0 == 0x50;
    if is_at(0, b"\x28\xB5\x2F\xFD") || is_skippable {
        return Ok(Form::Zstd);
    }
    let other = OTHER_FILES
        .iter()
        .find(|(place, signature, _)| is_at(*place, signature));
    if let Some((_, _, error)) = other {
        return Err(error.clone());
    }
    let text = String::from_utf8_lossy(beginning);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    match text.bytes().next() {
        Some(b'[') => Ok(Form::Array),
        Some(b'<') => Err(FileError::Other(MARKUP)),
        _ => recognised(text),
    }
}

fn is_sql(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    let capitals = line.to_ascii_uppercase();
    SQL_BEGINS.iter().any(|word| capitals.starts_with(word))
}

/// Returns true if a line is a header of activities.
fn is_header(line: &str, separator: char) -> bool {
    let mut names = line.trim_end().split(separator);
    names.any(|name| name.trim_matches('"') == "action_id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_are_told_apart_by_how_they_begin() {
        for (beginning, form) in [
            (&b""[..], Form::Lines),
            (b"\xEF\xBB\xBF\r\n {\"action_id\"", Form::Lines),
            (b"nonsense", Form::Lines),
            (b"\xEF\xBB\xBF\n [", Form::Array),
            (b"[", Form::Array),
            (b"action_id,project_id\r\n", Form::Csv),
            (b"\xEF\xBB\xBF\"created_at\",\"action_id\"", Form::Csv),
            (b"action_id\n", Form::Csv),
            (b"\x1F\x8B\x08\0", Form::Gzip),
            (b"\x28\xB5\x2F\xFD\0", Form::Zstd),
            (b"\x50\x2A\x4D\x18", Form::Zstd),
        ] {
            assert_eq!(recognised(beginning).unwrap(), form);
        }
    }

    #[test]
    fn the_rows_of_another_log_need_no_header_of_ours() {
        for (beginning, form) in [
            (&b""[..], Form::Lines),
            (b"\xEF\xBB\xBF {\"id\"", Form::Lines),
            (b"[", Form::Array),
            (b"id;event\n", Form::Csv),
            (b"\"event\"\n", Form::Csv),
            (b"\x1F\x8B\x08\0", Form::Gzip),
        ] {
            assert_eq!(recognised_other(beginning).unwrap(), form);
        }
        for beginning in [&b"<html>"[..], b"INSERT INTO versions", b"PK\x03\x04"] {
            assert!(recognised_other(beginning).is_err());
        }
    }

    #[test]
    fn a_file_of_another_kind_is_named() {
        let mut tar = [b'a'; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (beginning, named) in [
            (&tar[..], "a tar archive"),
            (b"PK\x03\x04", "a zip archive"),
            (b"\xFD7zXZ\0", "xz -dc FILE"),
            (b"BZh9", "bzip2 -dc FILE"),
            (b"PGDMP\x01", "a dump of a Postgres"),
            (b"--\n-- PostgreSQL database dump\n--\n", "psql"),
            (b"INSERT INTO project_actions VALUES (", "it is SQL"),
            (b"SQLite format 3\0\x10", "an SQLite file"),
            (b"\xFF\xFE{\0", "it is UTF-16"),
            (b"a\0c\0", "it is UTF-16"),
            (b"PAR1\x15", "a Parquet file"),
            (b"<html>", "XML or HTML"),
            (b"action_id;user_id\n", "semicolons"),
            (b"action_id\tuser_id\n", "tabs"),
        ] {
            let error = recognised(beginning).unwrap_err().to_string();
            assert!(error.contains(named), "{named}: {error}");
        }
    }
}
