//! Activities as comma-separated values, for spreadsheets and for programs: [`CsvWriter`].

use std::{
    borrow::Cow,
    io::{self, Write},
};

use tracker_core::{Activity, Status};

/// What spreadsheets take for the beginning of a formula, or pass over before one. The wide ones
/// are what some take for the others.
const FORMULA_BEGINS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What becomes of a text that a spreadsheet would take for a formula: whoever chooses a user's
/// name would else run it on the machine of whoever opens the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Formulas {
    /// An apostrophe stands before it, so that it is a text.
    #[default]
    Guarded,
    /// It is as it is in the store, for programs that need each text to the letter.
    Raw,
}

/// Writes activities as comma-separated values, as
/// [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) has them but for lines that end in LF.
///
/// The fields are the ten columns of the table, in its order; what is absent is empty. The
/// references are JSON.
///
/// ```
/// use tracker_core::{ActionType, Activity};
/// use tracker_server::csv::{CsvWriter, Formulas};
///
/// let mut activity = Activity::new(ActionType::Deployment).details("=HYPERLINK(\"https://example.org\")");
/// activity.action_id = "a".into();
/// activity.created_at = Some(7);
///
/// let mut csv = CsvWriter::new(Vec::new(), Formulas::Guarded);
/// csv.header()?;
/// csv.activity(&activity)?;
/// assert_eq!(
///     String::from_utf8(csv.finish()?)?,
///     "action_id,project_id,user_id,request_id,action_type,action_details,status,environment,reference_ids,created_at\n\
///      a,,,,deployment,\"'=HYPERLINK(\"\"https://example.org\"\")\",success,,{},7\n",
/// );
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    writer: csv::Writer<W>,
    formulas: Formulas,
}

impl<W: Write> CsvWriter<W> {
    /// Writes to `target`, of which a part is kept back until [`finish`](Self::finish).
    pub fn new(target: W, formulas: Formulas) -> Self {
        Self {
            writer: csv::Writer::from_writer(target),
            formulas,
        }
    }

    /// Writes the names of the columns, which come first.
    ///
    /// # Errors
    ///
    /// What the target says; the line may be there in part.
    pub fn header(&mut self) -> io::Result<()> {
        self.writer
            .write_record(Activity::COLUMNS)
            .map_err(io_error)
    }

    /// Writes an activity.
    ///
    /// # Errors
    ///
    /// What the target says; the line may be there in part.
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
        let fields = texts.iter().chain([&created_at]);
        self.writer
            .write_record(fields.map(|field| field.as_bytes()))
            .map_err(io_error)
    }

    /// Hands on what was kept back, and gives the target.
    ///
    /// # Errors
    ///
    /// What the target says.
    pub fn finish(self) -> io::Result<W> {
        let target = self.writer.into_inner();
        target.map_err(csv::IntoInnerError::into_error)
    }
}

impl Formulas {
    fn text(self, text: &str) -> Cow<'_, str> {
        if self == Self::Guarded && text.starts_with(FORMULA_BEGINS) {
            format!("'{text}").into()
        } else {
            text.into()
        }
    }
}

/// The target's own error, whose kind tells that nobody reads any more.
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
        for text in ["", "1", "a=1", "'=1", " x"] {
            assert_eq!(Formulas::Guarded.text(text), text);
        }
    }

    #[test]
    fn every_column_of_text_is_guarded_and_the_time_is_a_number() {
        let row = r#"{"action_id":"=1","project_id":"=2","user_id":"=3","request_id":"=4","action_type":"=5",
            "action_details":"=6","status":"=7","environment":"=8","reference_ids":-9,"created_at":-10}"#;
        let row: Activity = serde_json::from_str(row).unwrap();
        let guarded = line(&row, Formulas::Guarded);
        assert_eq!(guarded, "'=1,'=2,'=3,'=4,'=5,'=6,'=7,'=8,'-9,-10\n");
        assert_eq!(
            line(&row, Formulas::Raw),
            "=1,=2,=3,=4,=5,=6,=7,=8,-9,-10\n"
        );
    }
}
