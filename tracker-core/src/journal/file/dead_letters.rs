//! The dead letters of a journal, and taking over those of another one.

use rusqlite::TransactionBehavior;

use super::JournalFile;
use crate::journal::{
    dead_letter_table::{self as table, DeadLetter},
    error::JournalError,
    size,
};

impl JournalFile {
    /// Returns the dead letters that are stored when the journal is [cleared](Self::clear).
    pub(crate) fn dead(&self) -> &[DeadLetter] {
        &self.dead
    }

    /// Returns all dead letters, including those that are not stored yet.
    fn all_dead_letters(&self) -> Result<Vec<DeadLetter>, JournalError> {
        let mut letters = table::read(&self.connection, usize::MAX)?;
        letters.extend(self.dead.iter().cloned());
        Ok(letters)
    }

    /// Returns the number of pages by which the dead letters may still grow.
    pub(super) fn room_for_letters(&self) -> i64 {
        size::letters_pages(self.pages_max).saturating_sub(self.letters_pages)
    }

    /// Takes over all dead letters of another journal, or none on an error.
    pub(crate) fn take_dead_letters(&mut self, other: &Self) -> Result<(), JournalError> {
        // If the stored ones are unreadable, only those in memory are left.
        let letters = other
            .all_dead_letters()
            .unwrap_or_else(|_| other.dead.clone());
        self.add_dead_letters(&letters, i64::MAX)
    }

    /// Does the same as [`take_dead_letters`](Self::take_dead_letters), but only within the limit.
    pub(crate) fn adopt_dead_letters(&mut self, other: &Self) -> Result<(), JournalError> {
        let letters = other.all_dead_letters()?;
        let added = self.add_dead_letters(&letters, self.room_for_letters());
        self.set_limit()?;
        added
    }

    /// Stores all of the dead letters, or none on an error.
    pub(in crate::journal) fn add_dead_letters(
        &mut self,
        letters: &[DeadLetter],
        pages_max: i64,
    ) -> Result<(), JournalError> {
        if letters.is_empty() {
            return Ok(());
        }
        self.lift_limit()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let added = table::add(&transaction, letters, pages_max)?;
        if added.letters < letters.len() {
            return Err(JournalError::DeadLettersFull);
        }
        transaction.commit()?;
        self.letters_pages += added.pages;
        self.has_letters |= added.letters > 0;
        Ok(())
    }
}
