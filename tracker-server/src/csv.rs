//! Activities as comma-separated values: [`CsvWriter`]. The API's export and `tracker export`
//! write this form, and `tracker import` reads it.
//!
//! ```
//! use tracker_core::{ActionType, Activity};
//! use tracker_server::csv::{CsvWriter, Formulas};
//!
//! let activities = [Activity::new(ActionType::Deployment).project_id("project_7")];
//!
//! // For people, who open the file in a spreadsheet. `Formulas::Raw` is for programs.
//! let mut csv = CsvWriter::new(Vec::new(), Formulas::Guarded);
//! csv.header()?;
//! for activity in &activities {
//!     csv.activity(activity)?;
//! }
//! let lines = String::from_utf8(csv.finish()?)?;
//! assert_eq!(lines.lines().count(), 2);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

use std::{
    borrow::Cow,
    io::{self, Write},
};

use tracker_core::{Activity, Status};

use crate::activity::rfc3339;

/// The last column: the time as RFC 3339, in UTC, which spreadsheets take for one.
const TIME_COLUMN: &str = "created_at_rfc3339";

/// The characters that begin a formula in a spreadsheet, or that a spreadsheet skips before one.
/// Some spreadsheets take the full-width forms for the others.
const FORMULA_BEGINS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The treatment of texts that a spreadsheet would take for a formula.
///
/// Without it, whoever chooses a user's name could run a formula on the machine of whoever opens
/// the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Formulas {
    /// Such a text begins with an apostrophe, which makes it a text. So does one that begins with
    /// apostrophes before a formula: [`unguarded`](Self::unguarded) takes exactly one off.
    #[default]
    Guarded,
    /// Such a text is written as it is stored, for programs that need each text to the letter.
    Raw,
}

/// Writes activities as comma-separated values, in the form of [RFC
/// 4180](https://www.rfc-editor.org/rfc/rfc4180) but with lines that end in LF.
///
/// The fields are the ten columns of the table, in its order, and the time once more as RFC 3339 in
/// UTC, which is empty for a time outside the years 0 to 9999. An absent value is empty, and the
/// references are JSON.
///
/// ```
/// use tracker_core::{ActionType, Activity};
/// use tracker_server::csv::{CsvWriter, Formulas};
///
/// let details = "=HYPERLINK(\"https://example.org\")";
/// let mut activity = Activity::new(ActionType::Deployment).details(details);
/// activity.action_id = "a".into();
/// activity.created_at = Some(7);
///
/// let mut csv = CsvWriter::new(Vec::new(), Formulas::Guarded);
/// csv.header()?;
/// csv.activity(&activity)?;
/// assert_eq!(
///     String::from_utf8(csv.finish()?)?,
///     "action_id,project_id,user_id,request_id,action_type,action_details,status,environment,\
///      reference_ids,created_at,created_at_rfc3339\n\
///      a,,,,deployment,\"'=HYPERLINK(\"\"https://example.org\"\")\",success,,{},7,\
///      1970-01-01T00:00:00.007Z\n",
/// );
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    writer: csv::Writer<W>,
    formulas: Formulas,
}

impl<W: Write> CsvWriter<W> {
    /// Creates a writer to `target`. It buffers a part of the output until
    /// [`finish`](Self::finish).
    pub fn new(target: W, formulas: Formulas) -> Self {
        Self {
            writer: csv::Writer::from_writer(target),
            formulas,
        }
    }

    /// Writes the names of the columns, which belong before the first activity.
    ///
    /// # Errors
    ///
    /// Returns the error of the target. The line may have been written in part.
    pub fn header(&mut self) -> io::Result<()> {
        self.writer
            .write_record(Activity::COLUMNS.iter().chain([&TIME_COLUMN]))
            .map_err(io_error)
    }

    /// Writes an activity.
    ///
    /// # Errors
    ///
    /// Returns the error of the target. The line may have been written in part.
    pub fn activity(&mut self, activity: &Activity) -> io::Result<()> {
        let references = serde_json::to_string(&activity.reference_ids)?;
        let texts = [
            Some(&*activity.action_id),
            activity.project_id.as_deref(),
            activity.user_id.as_deref(),
            activity.request_id.as_deref(),
            activity.action_type.as_deref(),
            activity.action_details.as_deref(),
            activity.status.as_ref().map(Status::as_str),
            activity.environment.as_deref(),
            Some(&*references),
        ];
        let texts = texts.map(|text| self.formulas.text(text.unwrap_or_default()));
        let created_at = activity.created_at.map(|ms| ms.to_string());
        let created_at = Cow::from(created_at.unwrap_or_default());
        let time = Cow::from(activity.created_at.and_then(rfc3339).unwrap_or_default());
        let fields = texts.iter().chain([&created_at, &time]);
        self.writer
            .write_record(fields.map(|field| field.as_bytes()))
            .map_err(io_error)
    }

    /// Writes the buffered rest, and returns the target.
    ///
    /// # Errors
    ///
    /// Returns the error of the target.
    pub fn finish(self) -> io::Result<W> {
        let target = self.writer.into_inner();
        target.map_err(csv::IntoInnerError::into_error)
    }
}

impl Formulas {
    /// Returns the text that a field was written for.
    #[must_use]
    pub fn unguarded(self, field: &str) -> &str {
        match field.strip_prefix('\'') {
            Some(text) if self == Self::Guarded && is_guarded(text) => text,
            _ => field,
        }
    }

    fn text(self, text: &str) -> Cow<'_, str> {
        if self == Self::Guarded && is_guarded(text) {
            format!("'{text}").into()
        } else {
            text.into()
        }
    }
}

/// Returns true for a text that gets an apostrophe before it: a formula, also one that has some
/// already, so that one that is in the text is told from one that was added.
fn is_guarded(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA_BEGINS)
}

/// Returns the target's own error, because its kind tells whether the reader has gone.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        kind => io::Error::other(format!("{kind:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(activity: &Activity, formulas: Formulas) -> String {
        let mut csv = CsvWriter::new(Vec::new(), formulas);
        csv.activity(activity).unwrap();
        String::from_utf8(csv.finish().unwrap()).unwrap()
    }

    #[test]
    fn no_text_is_a_formula_unless_it_is_asked_for_as_it_is() {
        for begin in FORMULA_BEGINS {
            let text = format!("{begin}1");
            assert_eq!(Formulas::Guarded.text(&text), format!("'{text}"));
            assert_eq!(Formulas::Raw.text(&text), text);
        }
        for text in ["", "1", "a=1", "'", "'a", "''", " x"] {
            assert_eq!(Formulas::Guarded.text(text), text);
        }
    }

    #[test]
    fn each_text_is_had_back_from_its_field() {
        let alphabet = ["", "'", "=", "a", "\n", "-", "＝"];
        let mut fields = std::collections::BTreeSet::new();
        let mut texts = std::collections::BTreeSet::new();
        for (a, b, c, d) in (0..alphabet.len().pow(4)).map(|n| {
            let letter = |place: u32| alphabet[n / alphabet.len().pow(place) % alphabet.len()];
            (letter(0), letter(1), letter(2), letter(3))
        }) {
            let text = [a, b, c, d].concat();
            for formulas in [Formulas::Guarded, Formulas::Raw] {
                let field = formulas.text(&text);
                assert_eq!(formulas.unguarded(&field), text);
            }
            fields.insert(Formulas::Guarded.text(&text).into_owned());
            texts.insert(text);
        }
        assert_eq!(fields.len(), texts.len());
    }

    #[test]
    fn every_column_of_text_is_guarded_and_the_time_is_a_number_and_a_date() {
        let row = r#"{"action_id":"=1","project_id":"=2","user_id":"=3","request_id":"=4","action_type":"=5",
            "action_details":"=6","status":"=7","environment":"=8","reference_ids":-9,"created_at":-10}"#;
        let row: Activity = serde_json::from_str(row).unwrap();
        let guarded = line(&row, Formulas::Guarded);
        assert_eq!(
            guarded,
            "'=1,'=2,'=3,'=4,'=5,'=6,'=7,'=8,'-9,-10,1969-12-31T23:59:59.99Z\n"
        );
        assert_eq!(
            line(&row, Formulas::Raw),
            "=1,=2,=3,=4,=5,=6,=7,=8,-9,-10,1969-12-31T23:59:59.99Z\n"
        );
    }
}
