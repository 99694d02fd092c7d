//! The dead letters of a journal: which it has, and those of another that it takes.

use rusqlite::TransactionBehavior;

use super::JournalFile;
use crate::journal::{
    dead_letter_table::{self as table, DeadLetter},
    error::JournalError,
    size,
};

impl JournalFile {
    /// What is to be put aside when it is [cleared](Self::clear).
    pub(crate) fn dead(&self) -> &[DeadLetter] {
        &self.dead
    }

    /// All dead letters, those included that could not be put aside yet.
    fn all_dead_letters(&self) -> Result<Vec<DeadLetter>, JournalError> {
        let mut letters = table::read(&self.connection, usize::MAX)?;
        letters.extend(self.dead.iter().cloned());
        Ok(letters)
    }

    /// How many pages more its dead letters may have.
    pub(super) fn room_for_letters(&self) -> i64 {
        size::letters_pages(self.pages_max).saturating_sub(self.letters_pages)
    }

    /// Takes the dead letters of another journal: all of them, or on an error none.
    pub(crate) fn take_dead_letters(&mut self, other: &Self) -> Result<(), JournalError> {
        // What can't be read is not there.
        let letters = other
            .all_dead_letters()
            .unwrap_or_else(|_| other.dead.clone());
        self.add_dead_letters(&letters, i64::MAX)
    }

    /// [`take_dead_letters`](Self::take_dead_letters), where there is room for them.
    pub(crate) fn adopt_dead_letters(&mut self, other: &Self) -> Result<(), JournalError> {
        let letters = other.all_dead_letters()?;
        let added = self.add_dead_letters(&letters, self.room_for_letters());
        self.set_limit()?;
        added
    }

    /// Puts dead letters aside: all of them, or on an error none.
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
