//! Building a tracker: [`TrackerBuilder`].

mod settings;

use std::{fmt, io, sync::Arc, time::Duration};

use thiserror::Error;

use super::{
    by_clients::ByClients,
    current,
    handle::{Inner, Tracker},
};
#[cfg(feature = "journal")]
use crate::{
    Durability, Journal,
    pipeline::{durable_wait::DurableWait, journaled::Journaled},
};
use crate::{
    pipeline::{
        delivery::Delivery,
        direct::Direct,
        journaled::progress::Progress,
        lost_log::LostLog,
        queue::Queue,
        retry::{DEFERRAL_MAX, RetryPolicy},
        writer::{Work, Writer},
    },
    store::Store,
};
#[cfg(feature = "journal")]
use std::sync::mpsc::{Receiver, channel};

impl Tracker {
    /// Starts building a tracker. [`TrackerBuilder`] lists the settings by how many programs need
    /// them.
    pub fn builder() -> TrackerBuilder {
        TrackerBuilder::new()
    }
}

/// Sets up a [`Tracker`].
///
/// ```
/// use tracker_core::{MemoryStore, Tracker};
///
/// let tracker = Tracker::builder()
///     .store(MemoryStore::new())
///     .environment("production")
///     .build()?;
/// # Ok::<_, tracker_core::BuildError>(())
/// ```
///
/// Every setting but the [store](Self::store) has a default. A value outside a setting's bounds
/// counts as the nearest one inside.
///
/// | most programs set | default | change it |
/// | --- | --- | --- |
/// | [`store`](Self::store) | none | always |
/// | [`environment`](Self::environment) | `NULL` | if several environments share a store |
/// | [`journal`](Self::journal) | none | if activities must survive a kill or a long outage |
///
/// | some programs set | default | change it |
/// | --- | --- | --- |
/// | [`drop_deadline`](Self::drop_deadline) | 2 s | if the program ends without a shutdown |
/// | [`durability`](Self::durability) | `Process` | if activities must survive a loss of power |
/// | [`durable_wait`](Self::durable_wait) | 5 s | if callers of durable functions have a deadline |
/// | [`queue_capacity`](Self::queue_capacity) | 16,384 | if the queue drops activities |
/// | [`full_queue_wait`](Self::full_queue_wait) | 0 | if slow is better than lost |
/// | [`missing_reference_wait`](Self::missing_reference_wait) | 60 s | if transactions are long |
/// | [`log_details`](Self::log_details) | `true` | if details must not be in the log |
///
/// | few programs set | default | change it |
/// | --- | --- | --- |
/// | [`batch_rows`](Self::batch_rows) | 4,000 | if a store of your own limits its writes |
/// | [`batch_age`](Self::batch_age) | 100 ms | if rows must appear sooner |
/// | [`write_timeout`](Self::write_timeout) | 30 s | if a store of your own is slow |
/// | [`retries`](Self::retries) | 8 | if a bad row must not delay others for so long |
/// | [`retry_delays`](Self::retry_delays) | 100 ms, 5 s | if a store needs time to recover |
#[derive(Clone)]
#[must_use]
pub struct TrackerBuilder {
    store: Option<Arc<dyn Store>>,
    environment: Option<String>,
    queue_capacity: usize,
    full_queue_wait: Duration,
    batch_rows: usize,
    batch_age: Duration,
    write_timeout: Duration,
    retry: RetryPolicy,
    drop_deadline: Duration,
    logs_details: bool,
    by_clients: Option<ByClients>,
    #[cfg(feature = "journal")]
    durable_wait: Duration,
    #[cfg(feature = "journal")]
    journal: Option<Journal>,
    #[cfg(feature = "journal")]
    durability: Durability,
}

impl TrackerBuilder {
    fn new() -> Self {
        Self {
            store: None,
            environment: None,
            queue_capacity: 16_384,
            full_queue_wait: Duration::ZERO,
            batch_rows: 4_000,
            batch_age: Duration::from_millis(100),
            write_timeout: Duration::from_secs(30),
            retry: RetryPolicy {
                retries_max: 8,
                delay_min: Duration::from_millis(100),
                delay_max: Duration::from_secs(5),
                deferral_max: DEFERRAL_MAX,
            },
            drop_deadline: Duration::from_secs(2),
            logs_details: true,
            by_clients: None,
            #[cfg(feature = "journal")]
            durable_wait: Duration::from_secs(5),
            #[cfg(feature = "journal")]
            journal: None,
            #[cfg(feature = "journal")]
            durability: Durability::default(),
        }
    }

    /// Has the tracker's store keep what clients of the caller's take as well, and lists it.
    pub(crate) fn capturing(mut self, by_clients: ByClients) -> Self {
        self.by_clients = Some(by_clients);
        self
    }

    /// Starts the tracker. It does not touch the store before there is something to write.
    ///
    /// # Errors
    ///
    /// Returns an error if no store is set or if no thread can be started. Nothing is left running.
    pub fn build(self) -> Result<Tracker, BuildError> {
        let store = self.store.clone().ok_or(BuildError::NoStore)?;
        let queue = Queue::new(
            self.queue_capacity,
            self.batch_rows.min(self.queue_capacity),
            #[cfg(not(feature = "journal"))]
            self.batch_age,
            #[cfg(feature = "journal")]
            self.queue_age(),
        );
        let queue = queue.waiting_for_room(self.full_queue_wait);
        let queue = Arc::new(queue.logging_lost(LostLog::new(self.logs_details)));
        let progress = Arc::new(Progress::default());
        let direct = Direct {
            queue: Arc::clone(&queue),
            delivery: Delivery::new(Arc::clone(&store), self.retry, self.write_timeout),
        };
        #[cfg(not(feature = "journal"))]
        let work = Work::Direct(Box::new(direct));
        #[cfg(feature = "journal")]
        let (work, opened) = self.work(direct, &progress);
        let writer = Writer::start(work, Arc::clone(&progress)).map_err(BuildError::Thread)?;
        // An activity that is recorded next is in the journal at once, not when it has been opened.
        #[cfg(feature = "journal")]
        let _ = opened.recv_timeout(OPENING_MAX);
        #[cfg(feature = "journal")]
        let durable_wait = self.wait_for_durability(&queue).map(Arc::new);
        current::built();
        Ok(Tracker {
            inner: Arc::new(Inner {
                queue,
                progress,
                writer,
                store,
                #[cfg(not(feature = "journal"))]
                durable_wait: None,
                #[cfg(feature = "journal")]
                durable_wait,
                environment: self.environment,
                drop_deadline: self.drop_deadline,
                by_clients: self.by_clients,
            }),
        })
    }

    /// The wait until an activity is durable, where there is something to wait for.
    #[cfg(feature = "journal")]
    fn wait_for_durability(&self, queue: &Arc<Queue>) -> Option<DurableWait> {
        let waits = self.journal.is_some()
            && self.durability != Durability::Memory
            && !self.durable_wait.is_zero();
        waits.then(|| DurableWait::new(Arc::clone(queue), self.durable_wait))
    }

    /// The time for which an activity stays in the queue.
    #[cfg(feature = "journal")]
    fn queue_age(&self) -> Duration {
        match self.journal {
            None => self.batch_age,
            Some(_) => self.batch_age.min(JOURNAL_AGE_MAX),
        }
    }

    /// The work of the tracker's thread: with a journal, `direct` is not all.
    #[cfg(feature = "journal")]
    fn work(&self, direct: Direct, progress: &Arc<Progress>) -> (Work, Receiver<()>) {
        // Without a journal nobody keeps the sender, and so nobody waits.
        let (opened, is_open) = channel();
        let Some(settings) = self.journal.clone() else {
            return (Work::Direct(Box::new(direct)), is_open);
        };
        let work = Work::Journaled(Box::new(Journaled {
            direct,
            progress: Arc::clone(progress),
            settings,
            opened,
            durability: self.durability,
            batch_rows: self.batch_rows,
            batch_age: self.batch_age,
        }));
        (work, is_open)
    }
}

/// The time for which building a tracker waits for its journal to be opened: milliseconds, but for
/// a damaged or a very large one.
#[cfg(feature = "journal")]
const OPENING_MAX: Duration = Duration::from_secs(2);

/// The time for which an activity waits for others to go into the journal with it. A group costs
/// some 30 µs, and waiting loses what a killed process had not yet put there.
#[cfg(feature = "journal")]
const JOURNAL_AGE_MAX: Duration = Duration::from_millis(5);

impl fmt::Debug for TrackerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrackerBuilder")
            .field("store", &self.store.as_ref().map(Store::describe))
            .field("environment", &self.environment)
            .field("queue_capacity", &self.queue_capacity)
            .field("full_queue_wait", &self.full_queue_wait)
            .field("batch_rows", &self.batch_rows)
            .field("batch_age", &self.batch_age)
            .field("write_timeout", &self.write_timeout)
            .field("retry", &self.retry)
            .field("drop_deadline", &self.drop_deadline)
            .field("log_details", &self.logs_details)
            .finish_non_exhaustive()
    }
}

/// The reason that a tracker was not built. Nothing was started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// No store is set.
    #[error(
        "the tracker has no store: set one, as in `Tracker::builder().store(SqliteStore::open(\"tracker.db\")?)`"
    )]
    NoStore,
    /// The writer's thread could not be started.
    #[error("can't start the tracker's thread: raise the limit of threads or of open files")]
    Thread(#[source] io::Error),
}
