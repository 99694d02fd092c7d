//! The activities of an input on their way into a store: [`Import`].

use anyhow::Context as _;
use tracker_core::{Activity, Store, StoreError, store::Batch};

use super::{entry::Entry, input::Entries, outcome::Outcome};
use crate::bar::Bar;

/// The most activities that are written at once.
const BATCH_ROWS: usize = 1_000;

/// The most bytes of input that are written at once, because lines may be long.
const BATCH_BYTES: usize = 8 << 20;

/// A running import.
pub(super) struct Import<'a> {
    store: &'a dyn Store,
    /// The activities that are not yet written, each with the number of its entry.
    waiting: Vec<(u64, Activity)>,
    waiting_bytes: usize,
    outcome: Outcome,
    bar: Bar,
}

impl<'a> Import<'a> {
    pub(super) fn new(store: &'a dyn Store, outcome: Outcome) -> Self {
        Self {
            store,
            waiting: Vec::new(),
            waiting_bytes: 0,
            outcome,
            bar: Bar::new(None),
        }
    }

    /// Returns what was done, and removes the bar.
    pub(super) fn end(self) -> Outcome {
        self.outcome
    }

    /// Imports all entries.
    pub(super) async fn all(&mut self, entries: &mut Entries) -> anyhow::Result<()> {
        while let Some(entry) = self.next_of(entries).await? {
            match entry.activity {
                Ok(activity) => {
                    if entry.is_repaired {
                        self.outcome.count_repaired();
                    }
                    self.waiting.push((entry.number, activity));
                    self.waiting_bytes += entry.bytes;
                }
                Err(error) => {
                    // The entries before it are imported first, so that the rest can follow once
                    // it is mended.
                    self.write().await?;
                    self.outcome.pass_over(entry.number, error.into())?;
                }
            }
            if self.waiting.len() >= BATCH_ROWS || self.waiting_bytes >= BATCH_BYTES {
                self.write().await?;
            }
        }
        self.write().await
    }

    /// Reads the next entry. Where the input ends in a fault, what comes before it is imported.
    async fn next_of(&mut self, entries: &mut Entries) -> anyhow::Result<Option<Entry>> {
        match entries.next() {
            Ok(entry) => Ok(entry),
            Err(error) => {
                self.write().await?;
                Err(error).context("can't read the input")
            }
        }
    }

    async fn write(&mut self) -> anyhow::Result<()> {
        self.waiting_bytes = 0;
        let waiting = std::mem::take(&mut self.waiting);
        let all = waiting.iter().map(|(_, activity)| activity.clone());
        let batch: Batch = all.collect();
        match self.store.write_counted(batch.retry()).await {
            Ok(new) => self.count(waiting.len() as u64, new),
            Err(error) if may_be_of_a_row(&error) => self.write_each(waiting).await?,
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Writes one by one, to find the rows that the store refuses.
    async fn write_each(&mut self, waiting: Vec<(u64, Activity)>) -> anyhow::Result<()> {
        for (number, activity) in waiting {
            let batch = Batch::from(vec![activity]).retry();
            match self.store.write_counted(batch).await {
                Ok(new) => self.count(1, new),
                Err(error) if may_be_of_a_row(&error) => {
                    if !matches!(
                        error,
                        StoreError::Refused { .. } | StoreError::MissingReference { .. }
                    ) {
                        // A store that takes no row at all has no permanent error of this row.
                        self.store.check().await?;
                    }
                    self.outcome.pass_over(number, error.into())?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn count(&mut self, written: u64, new: Option<u64>) {
        self.outcome.count(written, new);
        self.bar.add(written);
    }
}

/// Returns true if other rows may still be written: the error that a trigger raises for one row can
/// look like any of these, and a refusal by row-level security is a denial.
fn may_be_of_a_row(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Refused { .. }
            | StoreError::MissingReference { .. }
            | StoreError::Broken { .. }
            | StoreError::Failed { .. }
            | StoreError::Denied { .. }
            | StoreError::NotMigrated { .. }
            | StoreError::Shape { .. }
    )
}
