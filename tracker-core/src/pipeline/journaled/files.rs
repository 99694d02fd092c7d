//! The files of the journal: opened, replaced where they are damaged, and looked after.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::work::{Journaled, Loops};
use crate::{
    error_chain::ErrorChain,
    journal::{Cleared, JournalError, Journals, Replaced, Source},
    panics::quietly,
    pipeline::{
        log_throttle::is_worth_a_line,
        queue::{Held, Outcome},
    },
};

/// The time for which a journal that failed is left alone.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// After how long without a failure a journal works again.
const QUIET: Duration = Duration::from_secs(10);

/// The consequence of a failure to add something.
const NOT_TAKEN: &str = "what it does not take goes to the store from memory";

impl Loops<'_> {
    /// Makes a journal again that was removed and holds something, also while nothing is added to
    /// it. Goes on for ever.
    pub(super) async fn look_after(&self) {
        loop {
            sleep(PAUSE).await;
            let is_removed = |journals: &Journals| journals.look_after().is_err();
            if self.journals.borrow().as_ref().is_some_and(is_removed) {
                self.on_journals(|journals| journals.look_after());
            }
        }
    }

    /// Does something with the journal, opens it first where it is not open, and replaces it where
    /// it is damaged; tells whether it was done.
    pub(super) fn on_journals(
        &self,
        work: impl Fn(&mut Journals) -> Result<(), JournalError>,
    ) -> bool {
        if self.retry_at.get().is_some_and(|at| Instant::now() < at) {
            return false;
        }
        self.open();
        let mut open = self.journals.borrow_mut();
        let Some(journals) = &mut *open else {
            return false;
        };
        let done = match work(journals) {
            Err(error) if error.is_damage() => {
                self.failed(&error, NOT_TAKEN);
                self.replace(journals, Source::Own)
                    .and_then(|()| work(journals))
            }
            done => done,
        };
        match done {
            Ok(()) => {
                self.worked();
                true
            }
            Err(error) => {
                self.failed(&error, NOT_TAKEN);
                self.retry_at.set(Some(Instant::now() + PAUSE));
                false
            }
        }
    }

    pub(super) fn replace(
        &self,
        journals: &mut Journals,
        source: Source,
    ) -> Result<(), JournalError> {
        let Replaced {
            lost,
            adopted,
            put_aside,
        } = journals.replace(source)?;
        let Journaled {
            direct, progress, ..
        } = self.work;
        let queue = &direct.queue;
        queue.settle(lost, Held::Journaled, Outcome::JournalDamaged);
        self.adopted(adopted);
        self.put_aside(&Cleared {
            put_aside,
            lost: Vec::new(),
        });
        if source == Source::Own {
            let mut frontier = self.drained.borrow_mut();
            frontier.advance(lost);
            progress.drained_to(frontier.reached());
        }
        Ok(())
    }

    /// Counts what others have left.
    fn adopted(&self, rows: u64) {
        if rows == 0 {
            return;
        }
        self.work.direct.queue.count_adopted(rows);
        quietly(|| {
            tracing::info!(
                rows,
                journals = %self.work.settings.directory.display(),
                "adopted activities that an ended process left"
            );
        });
    }

    /// Opens the journal, if it is not open and it is time to try; when to try again, where it is
    /// not open then. What others have left in its directory waits for nobody's activity.
    pub(super) fn try_open(&self) -> Option<Instant> {
        if self.journals.borrow().is_some() {
            return None;
        }
        self.on_journals(|_| Ok(()));
        self.journals
            .borrow()
            .is_none()
            .then(|| self.retry_at.get())?
    }

    /// Opens the journal, if it is not open.
    pub(super) fn open(&self) {
        let mut journals = self.journals.borrow_mut();
        if journals.is_some() {
            return;
        }
        match Journals::open(self.work.settings.clone(), self.work.durability) {
            Ok(open) => {
                self.adopted(open.waiting());
                self.work.progress.appended(open.own_waiting());
                *journals = Some(open);
            }
            Err(error) => {
                self.failed(&error, NOT_TAKEN);
                self.retry_at.set(Some(Instant::now() + PAUSE));
            }
        }
    }

    /// Says that the journal failed, and what comes of it, each time there were twice as many
    /// failures.
    pub(super) fn failed(&self, error: &JournalError, consequence: &str) {
        let failures = self.failures.get() + 1;
        self.failures.set(failures);
        self.failed_at.set(Some(Instant::now()));
        if is_worth_a_line(failures, 1) {
            quietly(|| {
                tracing::error!(
                    error = %ErrorChain(error),
                    failures,
                    journal = %self.work.settings.directory.display(),
                    "the journal failed: {consequence}"
                );
            });
        }
    }

    /// A full journal that gets some room and is full again has not worked in between.
    fn worked(&self) {
        if let Some(at) = self.failed_at.get()
            && at.elapsed() >= QUIET
        {
            self.failed_at.set(None);
            self.failures.set(0);
            quietly(|| tracing::info!("the journal works again"));
        }
    }

    /// Removes what could not be removed before, and says what stays for the next process.
    pub(super) fn close(&self) {
        for source in [Source::Own, Source::Left] {
            self.clear(source);
        }
        let journals = self.journals.borrow();
        let Some(journals) = &*journals else { return };
        journals.shrink();
        let left = self.work.direct.queue.stats().journaled;
        if left > 0 {
            quietly(|| {
                tracing::info!(
                    rows = left,
                    journal = %journals.path().display(),
                    "activities stay in the journal, for the next process"
                );
            });
        }
    }
}
