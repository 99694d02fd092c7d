//! A case: [`Case`].

use super::timing::Taken;

/// A case that has been set up.
pub trait Case {
    /// Makes `calls` calls and returns their time.
    fn time(&mut self, calls: u64) -> Taken;

    /// Checks that no values were lost: figures of calls whose values went nowhere mean nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if fewer values arrived than were handed on.
    fn check(&self) -> anyhow::Result<()> {
        Ok(())
    }
}
