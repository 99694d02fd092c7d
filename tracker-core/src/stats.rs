//! Where recorded activities are: [`Stats`].

/// How many activities a tracker has been given, and what became of them.
///
/// Taken at one instant, so at any time and for any tracker
/// `recorded == stored + queued + journaled + dead_lettered + dropped.total()`.
///
/// ```
/// use tracker_core::{ActionType, Activity, MemoryStore, Tracker};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let tracker = Tracker::builder().store(MemoryStore::new()).build()?;
/// tracker.record(Activity::new(ActionType::Deployment));
/// tracker.flush().await;
///
/// let stats = tracker.stats();
/// assert_eq!((stats.recorded, stats.stored, stats.queued), (1, 1, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// All that the tracker was given, and what it has [adopted](Self::adopted).
    pub recorded: u64,
    /// How many of them another process had recorded, which ended before they were stored, and left in a
    /// [journal](crate::journal) that this tracker has taken over.
    pub adopted: u64,
    /// In the store, or written on the caller's client, whether or not that transaction is committed.
    pub stored: u64,
    /// Waiting for the writer, or being written.
    pub queued: u64,
    /// In the [journal](crate::journal), and not yet in the store.
    pub journaled: u64,
    /// Put aside in the journal by this tracker since it was built, because the store refused the row itself.
    /// [`journal::dead_letters`](crate::journal::dead_letters) lists all that are there, whoever put them aside.
    pub dead_lettered: u64,
    /// Lost, by reason.
    pub dropped: Dropped,
}

impl Stats {
    /// Whether every activity is accounted for, as it is at any time.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let held = self.queued + self.journaled + self.dead_lettered;
        self.recorded == self.stored + held + self.dropped.total()
    }
}

/// How many activities were lost, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// The queue was at its capacity.
    pub queue_full: u64,
    /// Every attempt to write it failed, though the store could be reached, and there is no journal
    /// to put it aside in. Where the reason may have passed, as with a lock, others went through
    /// meanwhile.
    pub store_failed: u64,
    /// The store refused the row itself, or what it refers to was not there in time, and there is no journal to put it aside in, or no room for more
    /// [dead letters](crate::journal#dead-letters) there; or it had not fitted the journal and went to the store from memory.
    pub refused: u64,
    /// It was in the journal, whose file was damaged or removed.
    pub journal_damaged: u64,
    /// It was recorded after [`shutdown`](crate::Tracker::shutdown).
    pub after_shutdown: u64,
    /// It was not written when the deadline of the shutdown came, and there is no journal, or no room in it.
    pub shutdown_deadline: u64,
    /// The insert on the caller's client failed, or was given up with the caller's future. What
    /// [`try_record_in`](crate::Tracker::try_record_in) and `required` return as an error is not lost, and not counted.
    pub client_failed: u64,
}

impl Dropped {
    /// How many were lost in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_reason().into_iter().map(|(_, count)| count).sum()
    }

    /// How many were lost for each reason, under the names of the fields.
    #[must_use]
    pub fn by_reason(&self) -> [(&'static str, u64); 7] {
        let Self {
            queue_full,
            store_failed,
            refused,
            journal_damaged,
            after_shutdown,
            shutdown_deadline,
            client_failed,
        } = *self;
        [
            ("queue_full", queue_full),
            ("store_failed", store_failed),
            ("refused", refused),
            ("journal_damaged", journal_damaged),
            ("after_shutdown", after_shutdown),
            ("shutdown_deadline", shutdown_deadline),
            ("client_failed", client_failed),
        ]
    }
}
