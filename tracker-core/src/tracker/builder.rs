//! Building a tracker: [`TrackerBuilder`].

use std::{fmt, io, sync::Arc, time::Duration};

use thiserror::Error;

use super::{Inner, Tracker, current};
#[cfg(feature = "journal")]
use crate::{
    Durability, Journal,
    pipeline::{durable::DurableWait, journaling::Journaling},
};
use crate::{
    pipeline::{
        deliver::Delivery,
        lost_log::LostLog,
        queue::Queue,
        retry::{DEFERRAL_MAX, RetryPolicy},
        shipment::Shipment,
        straight::Straight,
        writer::{Work, Writer},
    },
    store::Store,
    testing::ByClients,
};
#[cfg(feature = "journal")]
use std::sync::mpsc::{Receiver, channel};

/// Sets up a [`Tracker`].
///
/// Every setting but the [store](Self::store) has a default. A value outside a setting's bounds is
/// taken for the nearest one inside.
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
    pub(super) fn new() -> Self {
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

    /// Sets where activities go in the end. There is no default.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Sets the environment of activities that name none, neither themselves nor through their
    /// [`Context`](crate::Context): `production`, `development`, … By default it is `NULL`.
    pub fn environment(mut self, environment: impl fmt::Display) -> Self {
        self.environment = Some(environment.to_string());
        self
    }

    /// Sets how many activities can wait for the writer, those being written included; more are
    /// dropped and counted.
    ///
    /// Default 16,384, at least 1. An activity takes some 500 bytes with the usual IDs and a short
    /// line of details, and at most 80 kilobytes: 32 reference IDs of 2 kilobytes with their names,
    /// 4 kilobytes of details, and 1 kilobyte for each of the other texts, when all are as long as
    /// [limits](crate::limits) allows and every character takes four bytes. Reference IDs that are
    /// themselves JSON arrays or objects, which only
    /// [`ReferenceIds::from_json`](crate::ReferenceIds::from_json) makes, can take up to 140
    /// kilobytes each. A small queue drops activities in a burst, a large one takes memory while
    /// the store can't be reached.
    pub fn queue_capacity(mut self, activities: usize) -> Self {
        self.queue_capacity = activities.max(1);
        self
    }

    /// Sets how long recording waits for room when the queue is full, before the activity is
    /// dropped.
    ///
    /// Default 0, at most 10 s: recording never waits. Anything else is for programs that would
    /// rather be slow than lose an activity. [`record`](Tracker::record), and a function without
    /// `durable`, then **block the thread**, and on a runtime's only one everything else that runs
    /// there. [`record_durable`](Tracker::record_durable), and an async function with `durable`,
    /// wait without blocking it, with a [journal](Self::journal) or without.
    pub fn full_queue_wait(mut self, limit: Duration) -> Self {
        self.full_queue_wait = limit.min(Duration::from_secs(10));
        self
    }

    /// Sets how many activities are written at once at most.
    ///
    /// Default 4,000, from 1 to 10,000. A batch of this size, or with more than 2 MiB of text, is
    /// written without waiting for its [age](Self::batch_age). One at a time costs a round trip to
    /// the store for each activity; beyond a few thousand the rate hardly grows: into Postgres
    /// 1,000 at a time reach some 85 % of it.
    pub fn batch_rows(mut self, activities: usize) -> Self {
        self.batch_rows = activities.clamp(1, 10_000);
        self
    }

    /// Sets how long the first activity of a batch waits for others to join it.
    ///
    /// Default 100 ms, from 1 ms to 60 s. It is how long after the function's end the row is seen
    /// when little happens, and how much is lost with a process that is killed.
    pub fn batch_age(mut self, age: Duration) -> Self {
        self.batch_age = age.clamp(Duration::from_millis(1), Duration::from_mins(1));
        self
    }

    /// Sets how long one attempt to write a batch may take before it counts as failed.
    ///
    /// Default 30 s, from 10 ms to 10 min. It guards against a store that never answers; the stores
    /// of this crate have shorter time-outs of their own.
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.write_timeout = timeout.clamp(Duration::from_millis(10), Duration::from_mins(10));
        self
    }

    /// Sets how often a batch is tried again whose writing [failed](crate::StoreError::Failed) for
    /// no reason that the store knows to be its own state, though it answers.
    ///
    /// Then its rows are taken for the reason: it is halved until the rows are found that can't be
    /// written. Default 8, at most 100. With the default [delays](Self::retry_delays) that is after
    /// 16 to 33 seconds; the batches behind it wait meanwhile. A store that can't be reached, has
    /// no table yet, denies access or takes no writes is waited for however long it takes, and is
    /// only asked, at these delays, whether it can be written to. So is one that is
    /// [busy](crate::StoreError::Busy) or has something that [does not
    /// serve](crate::StoreError::Broken): after as many attempts fewer rows are written at a time,
    /// and a row that fails alone is given up only where others go through between its further
    /// attempts.
    pub fn retries(mut self, retries: usize) -> Self {
        self.retry.retries_max = retries.min(100);
        self
    }

    /// Sets the pauses between attempts: the first, which doubles from one attempt to the next, and
    /// the longest. To each up to its own length is added at random.
    ///
    /// Default 100 ms and 5 s, from 1 ms to 10 min each.
    pub fn retry_delays(mut self, first: Duration, longest: Duration) -> Self {
        let bounds =
            |delay: Duration| delay.clamp(Duration::from_millis(1), Duration::from_mins(10));
        self.retry.delay_min = bounds(first);
        self.retry.delay_max = bounds(longest).max(self.retry.delay_min);
        self
    }

    /// Sets how long a row is tried again that the store refuses because it refers to one that [is
    /// not there](crate::StoreError::MissingReference), by a foreign key.
    ///
    /// Default 60 s, from when it is refused first, at most 1 h; 0 gives it up at once. So the
    /// activity of a function that makes a project may be recorded before its transaction is
    /// committed. Meanwhile the row is queued or journaled as it was, holds up no other, and is
    /// tried at the [delays](Self::retry_delays). Up to 1,000 rows wait so at a time; of more, each
    /// is refused at once. [`flush`](Tracker::flush) and [`shutdown`](Tracker::shutdown) wait for
    /// them too, the latter until its deadline.
    ///
    /// A row that fails alone for another reason that may pass, a lock for instance, though others
    /// go through, has ten times as long at least.
    pub fn missing_reference_wait(mut self, limit: Duration) -> Self {
        self.retry.deferral_max = limit.min(Duration::from_hours(1));
        self
    }

    /// Sets how long dropping the last handle, or what [`install`](Tracker::install) returned,
    /// waits for the queued activities to be written.
    ///
    /// Default 2 s, at most 60 s; 0 does not wait. [`Tracker::shutdown`] is the way to wait without
    /// blocking a thread.
    pub fn drop_deadline(mut self, deadline: Duration) -> Self {
        self.drop_deadline = deadline.min(Duration::from_mins(1));
        self
    }

    /// Sets whether the line that is logged for a [lost activity](Tracker#lost-activities) has its
    /// details. Default `true`; turn it off where they say what is not for the log.
    ///
    /// It is about that one field. What a server says of a row that it refuses is in the reason,
    /// and the fields of the spans that the line is written in are its subscriber's to leave out.
    pub fn log_details(mut self, has_details: bool) -> Self {
        self.logs_details = has_details;
        self
    }

    /// Sets a [journal](crate::journal): activities are kept on the local disk until they are in
    /// the store. By default there is none.
    ///
    /// A directory alone, as in `.journal("/var/lib/worker/journals")`, or a [`Journal`] with its
    /// settings. The files are opened by the tracker's own thread, which building it waits for, for
    /// 2 s at most; what goes wrong with them is logged, and keeps no tracker from being built.
    #[cfg(feature = "journal")]
    pub fn journal(mut self, journal: impl Into<Journal>) -> Self {
        self.journal = Some(journal.into());
        self
    }

    /// Sets what an activity in the [journal](Self::journal) survives: [`Durability::Process`]
    /// unless set.
    #[cfg(feature = "journal")]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets how long [`record_durable`](Tracker::record_durable), and a function with `durable`,
    /// wait until the activity is durable.
    ///
    /// Default 5 s, at most 10 min; 0 does not wait. With a [journal](Self::journal) that can be
    /// written it is milliseconds; this is the limit for when the journal is full or can't be
    /// written, and the store is away as well. The function's result is then returned as ever, the
    /// activity goes on its way, and a warning says so, each time there were twice as many. Waiting
    /// for room in a full queue comes before, and has a [limit of its own](Self::full_queue_wait).
    #[cfg(feature = "journal")]
    pub fn durable_wait(mut self, limit: Duration) -> Self {
        self.durable_wait = limit.min(Duration::from_mins(10));
        self
    }

    /// Has the tracker's store keep what clients of the caller's take as well, and lists it.
    pub(crate) fn capturing(mut self, by_clients: ByClients) -> Self {
        self.by_clients = Some(by_clients);
        self
    }

    /// Starts the tracker. The store is not touched before there is something to write.
    ///
    /// # Errors
    ///
    /// When no store is set, or no thread can be started.
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
        let shipment = Arc::new(Shipment::default());
        let straight = Straight {
            queue: Arc::clone(&queue),
            delivery: Delivery::new(Arc::clone(&store), self.retry, self.write_timeout),
        };
        #[cfg(not(feature = "journal"))]
        let work = Work::Straight(Box::new(straight));
        #[cfg(feature = "journal")]
        let (work, opened) = self.work(straight, &shipment);
        let writer = Writer::start(work, Arc::clone(&shipment)).map_err(BuildError::Thread)?;
        // An activity that is recorded next is in the journal at once, not when it has been opened.
        #[cfg(feature = "journal")]
        let _ = opened.recv_timeout(OPENING_MAX);
        #[cfg(feature = "journal")]
        let durable_wait = self.wait_for_durability().map(Arc::new);
        current::built();
        Ok(Tracker {
            inner: Arc::new(Inner {
                queue,
                shipment,
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
    fn wait_for_durability(&self) -> Option<DurableWait> {
        let waits = self.journal.is_some()
            && self.durability != Durability::Memory
            && !self.durable_wait.is_zero();
        waits.then(|| DurableWait::new(self.durable_wait))
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
    fn work(&self, straight: Straight, shipment: &Arc<Shipment>) -> (Work, Receiver<()>) {
        // Without a journal nobody keeps the sender, and so nobody waits.
        let (opened, is_open) = channel();
        let Some(settings) = self.journal.clone() else {
            return (Work::Straight(Box::new(straight)), is_open);
        };
        let work = Work::Journaling(Box::new(Journaling {
            straight,
            shipment: Arc::clone(shipment),
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

/// Why a tracker could not be built. Nothing was started.
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
