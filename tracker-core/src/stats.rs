//! The counters of a tracker: [`Stats`].

/// The number of activities that a tracker has recorded, and their whereabouts.
///
/// The counters are taken at one instant. Therefore, at any time and for any tracker,
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
    /// All activities that the tracker was given, including the [adopted](Self::adopted) ones.
    pub recorded: u64,
    /// Activities of another process, which ended before they were stored. It left them in a
    /// [journal](crate::journal) that this tracker has taken over.
    pub adopted: u64,
    /// Activities in the store, and those written on the caller's client, whether or not that
    /// transaction is committed.
    pub stored: u64,
    /// Activities that wait for the writer or are being written.
    pub queued: u64,
    /// Activities in the [journal](crate::journal) that are not in the store yet.
    pub journaled: u64,
    /// Dead letters: activities that this tracker has set aside in the journal since it was built,
    /// because the store refused the row itself.
    /// [`journal::dead_letters`](crate::journal::dead_letters) lists all that are there, including
    /// those of other trackers.
    pub dead_lettered: u64,
    /// Lost activities, by reason.
    pub dropped: Dropped,
}

impl Stats {
    /// Returns whether every activity is accounted for, which holds at any time.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        let held = self.queued + self.journaled + self.dead_lettered;
        self.recorded == self.stored + held + self.dropped.total()
    }
}

/// The number of lost activities, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dropped {
    /// The queue was full.
    pub queue_full: u64,
    /// Every attempt to write the activity failed, although the store was reachable, and there is
    /// no journal for a dead letter. If the error was temporary, such as a lock, other activities
    /// were stored between the attempts.
    pub store_failed: u64,
    /// The store refused the row itself, or the row's foreign key referred to a missing row for too
    /// long. There is no journal, or no room for more [dead letters](crate::journal#dead-letters)
    /// in it, or the activity had not fitted into the journal and went to the store from memory.
    pub refused: u64,
    /// The activity was in a journal file that was damaged or removed.
    pub journal_damaged: u64,
    /// The activity was recorded after [`shutdown`](crate::Tracker::shutdown).
    pub after_shutdown: u64,
    /// The activity was not written by the deadline of the shutdown, and there is no journal, or no
    /// room in it.
    pub shutdown_deadline: u64,
    /// The insert on the caller's client failed, or was dropped with the caller's future. Errors
    /// that [`try_record_in`](crate::Tracker::try_record_in) and `required` return are not losses,
    /// and are not counted.
    pub client_failed: u64,
}

impl Dropped {
    /// Returns the number of all lost activities.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_reason().into_iter().map(|(_, count)| count).sum()
    }

    /// Returns the number for each reason, under the names of the fields.
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
