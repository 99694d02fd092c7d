//! The outcome of an import: [`Outcome`].

use crate::{
    failure::{self, PartlyError, note},
    number::{activities, counted},
};

/// The outcome of the entries so far.
pub(super) struct Outcome {
    /// The words for an entry and for several.
    noun: [&'static str; 2],
    /// True if what can't be imported is passed over.
    keep_going: bool,
    imported: u64,
    /// True if the store tells which activities it had.
    is_told: bool,
    /// The number of activities that the store had, as far as it tells.
    were_there: u64,
    passed_over: u64,
    /// The number of the first entry that was passed over.
    first_passed_over: Option<u64>,
    /// The number of entries with characters that no store holds.
    repaired: u64,
}

impl Outcome {
    pub(super) fn new(noun: [&'static str; 2], keep_going: bool) -> Self {
        Self {
            noun,
            keep_going,
            imported: 0,
            is_told: true,
            were_there: 0,
            passed_over: 0,
            first_passed_over: None,
            repaired: 0,
        }
    }

    /// Counts written activities, and the new ones among them if the store tells.
    pub(super) fn count(&mut self, written: u64, new: Option<u64>) {
        self.is_told &= new.is_some() || written == 0;
        let new = new.unwrap_or(written);
        self.imported += new;
        self.were_there += written.saturating_sub(new);
    }

    /// Counts an entry in which U+FFFD replaces a character.
    pub(super) fn count_repaired(&mut self) {
        self.repaired += 1;
    }

    /// Passes over an entry.
    ///
    /// # Errors
    ///
    /// Returns an error if the first such entry ends the import.
    pub(super) fn pass_over(&mut self, number: u64, error: anyhow::Error) -> anyhow::Result<()> {
        let [one, many] = self.noun;
        if !self.keep_going {
            return Err(error.context(format!(
                "{one} {number} can't be imported: mend it, or pass over such {many} with --keep-going"
            )));
        }
        self.passed_over += 1;
        self.first_passed_over.get_or_insert(number);
        note(&format!("{one} {number}: {}", failure::line(&*error)));
        Ok(())
    }

    /// Returns the summary of an import.
    pub(super) fn summary(&self) -> String {
        let mut summary = if self.is_told {
            let new = counted(self.imported, "new activity", "new activities");
            format!("imported {new}")
        } else {
            format!("imported {}", activities(self.imported))
        };
        if self.were_there > 0 {
            summary += "; ";
            summary += &counted(self.were_there, "was", "were");
            summary += " there already";
        }
        summary + &self.exceptions()
    }

    /// Returns the summary of what an import would do.
    pub(super) fn preview(&self) -> String {
        format!(
            "would import {}{}",
            activities(self.imported),
            self.exceptions()
        )
    }

    fn exceptions(&self) -> String {
        let mut exceptions = String::new();
        if self.passed_over > 0 {
            exceptions += "; passed over ";
            exceptions += &self.entries(self.passed_over);
        }
        if self.repaired > 0 {
            exceptions += "; put U+FFFD for characters that no store holds into ";
            exceptions += &self.entries(self.repaired);
        }
        exceptions
    }

    /// Returns a number of entries with their noun.
    fn entries(&self, count: u64) -> String {
        let [one, many] = self.noun;
        counted(count, one, many)
    }

    /// Returns an error if something was passed over.
    pub(super) fn of_all(&self) -> anyhow::Result<()> {
        let Some(first) = self.first_passed_over else {
            return Ok(());
        };
        let entries = self.entries(self.passed_over);
        let were = if self.passed_over == 1 { "was" } else { "were" };
        let one = self.noun[0];
        let message = format!(
            "{entries} {were} not imported, the first of them {one} {first}: mend them and import the file again"
        );
        Err(PartlyError(message).into())
    }
}
