//! The settings of a tracker, in groups by how many programs need them.

use std::{fmt, sync::Arc, time::Duration};

use super::TrackerBuilder;
use crate::store::Store;
#[cfg(feature = "journal")]
use crate::{Durability, Journal};

/// # Set by most programs
impl TrackerBuilder {
    /// Sets the store that activities go to. There is no default: [`build`](Self::build) fails
    /// without a store.
    pub fn store(mut self, store: impl Store) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Sets the environment of activities that have none of their own: `production`, `development`,
    /// … Default: `NULL`.
    ///
    /// An activity has one of its own if the attribute, a parameter or the
    /// [`Context`](crate::Context) names it.
    ///
    /// **Change it** if several environments write to one store.
    pub fn environment(mut self, environment: impl fmt::Display) -> Self {
        self.environment = Some(environment.to_string());
        self
    }

    /// Sets a [journal](crate::journal), which keeps activities on the local disk until they are in
    /// the store. Default: no journal.
    ///
    /// The argument is a directory, as in `.journal("/var/lib/worker/journals")`, or a [`Journal`]
    /// with its settings. The tracker's thread opens the files, and [`build`](Self::build) waits
    /// for it, for 2 s at most. A failure of the files is logged, and the tracker is built all the
    /// same.
    ///
    /// **Change it** if activities must survive a killed process, or a longer outage of the store
    /// than the [queue](Self::queue_capacity) has room for.
    #[cfg(feature = "journal")]
    pub fn journal(mut self, journal: impl Into<Journal>) -> Self {
        self.journal = Some(journal.into());
        self
    }
}

/// # Set by some programs
///
/// These settings decide what is kept, what is dropped, and how long something waits.
impl TrackerBuilder {
    /// Sets how long the drop of the last handle waits until the queued activities are written. The
    /// drop of the result of [`install`](crate::Tracker::install) waits as long.
    ///
    /// Default: 2 s. Maximum: 60 s. 0 does not wait. The drop blocks its thread.
    /// [`shutdown`](crate::Tracker::shutdown) waits without blocking one.
    ///
    /// **Change it** if a program ends without a [`shutdown`](crate::Tracker::shutdown) and its
    /// store is slow, or if its end must not wait.
    pub fn drop_deadline(mut self, deadline: Duration) -> Self {
        self.drop_deadline = deadline.min(Duration::from_mins(1));
        self
    }

    /// Sets the failures that an activity in the [journal](Self::journal) survives. Default:
    /// [`Durability::Process`].
    ///
    /// **Change it** to [`Durability::Power`] if an activity must survive a machine that loses its
    /// power. Each group of activities then costs a sync of the disk.
    #[cfg(feature = "journal")]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets how long [`record_durable`](crate::Tracker::record_durable), and a function with
    /// `durable`, wait until the activity is durable.
    ///
    /// Default: 5 s. Maximum: 10 min. 0 does not wait. A wait can be longer by a 64th.
    ///
    /// With a working [journal](Self::journal) the wait is milliseconds. The limit is reached if
    /// the journal is full or can't be written, and the store is away too. The function's result is
    /// then returned as ever, and the activity is still delivered later. A warning says so, each
    /// time their number has doubled. A wait for room in a full queue comes first, with a [limit of
    /// its own](Self::full_queue_wait).
    ///
    /// **Lower it** if callers have a deadline of their own that is shorter.
    #[cfg(feature = "journal")]
    pub fn durable_wait(mut self, limit: Duration) -> Self {
        self.durable_wait = limit.min(Duration::from_mins(10));
        self
    }

    /// Sets how many activities can wait for the writer, including those being written. Further
    /// ones are dropped and counted.
    ///
    /// Default: 16,384. Minimum: 1.
    ///
    /// An activity takes some 250 bytes with the usual IDs and a short line of details. It takes at
    /// most 4 kilobytes for each of its texts: four IDs, four values of the details, and each
    /// reference ID. So one with 32 reference IDs takes 160 kilobytes. Reference IDs that are JSON
    /// arrays or objects can take up to 140 kilobytes each. Only
    /// [`ReferenceIds::from_json`](crate::ReferenceIds::from_json) makes those.
    ///
    /// **Raise it** if [`Stats`](crate::Stats) counts drops from a full queue in bursts, or while
    /// the store can't be reached. **Lower it** if memory is short.
    pub fn queue_capacity(mut self, activities: usize) -> Self {
        self.queue_capacity = activities.max(1);
        self
    }

    /// Sets how long recording waits for room if the queue is full. After that the activity is
    /// dropped.
    ///
    /// Default: 0, so recording never waits. Maximum: 10 s.
    ///
    /// [`record`](crate::Tracker::record), and a function without `durable`, **block the thread**
    /// while they wait. If it is the only thread of a runtime, everything else on that runtime
    /// waits too. [`record_durable`](crate::Tracker::record_durable), and an async function with
    /// `durable`, wait without blocking a thread. A [journal](Self::journal) makes no difference to
    /// either.
    ///
    /// **Change it** only for a program that should rather be slow than lose an activity.
    pub fn full_queue_wait(mut self, limit: Duration) -> Self {
        self.full_queue_wait = limit.min(Duration::from_secs(10));
        self
    }

    /// Sets how long a row is retried if the store refuses it because a foreign key refers to a row
    /// that [does not exist](crate::StoreError::MissingReference).
    ///
    /// Default: 60 s after the first refusal. Maximum: 1 h. 0 gives the row up at once.
    ///
    /// So a function that creates a project may record its activity before its transaction is
    /// committed. Meanwhile the row stays queued or journaled, delays no other row, and is retried
    /// at the [delays](Self::retry_delays). Up to 1,000 rows can wait so. Any further one is
    /// refused at once. [`flush`](crate::Tracker::flush) and [`shutdown`](crate::Tracker::shutdown)
    /// wait for these rows too, `shutdown` until its deadline.
    ///
    /// A row that fails alone for another temporary reason, such as a lock, has at least ten times
    /// as long if other rows succeed.
    ///
    /// **Raise it** if the table has foreign keys and transactions stay open for longer.
    pub fn missing_reference_wait(mut self, limit: Duration) -> Self {
        self.retry.deferral_max = limit.min(Duration::from_hours(1));
        self
    }

    /// Sets if the log line of a [lost activity](crate::Tracker#lost-activities) has the activity's
    /// details. Default: `true`.
    ///
    /// The setting covers that one field. The reason of the loss can quote what a server says of a
    /// row that it refuses. Fields of the enclosing spans are up to the log's subscriber.
    ///
    /// **Change it** if details have content that must not be in the log.
    pub fn log_details(mut self, has_details: bool) -> Self {
        self.logs_details = has_details;
        self
    }
}

/// # Set by few programs
///
/// The defaults of these settings suit a store on the same network.
impl TrackerBuilder {
    /// Sets the maximum number of activities in one write.
    ///
    /// Default: 4,000. Range: 1 to 10,000. A batch of this size, or of more than 2 MiB of text, is
    /// written without waiting for its [age](Self::batch_age).
    ///
    /// **Lower it** if a store of your own limits its writes. A size of 1 costs a round trip to the
    /// store for each activity. Beyond a few thousand the rate hardly grows: 1,000 at a time reach
    /// some 85 % of the maximum rate into Postgres.
    pub fn batch_rows(mut self, activities: usize) -> Self {
        self.batch_rows = activities.clamp(1, 10_000);
        self
    }

    /// Sets how long the first activity of a batch waits for others.
    ///
    /// Default: 100 ms. Range: 1 ms to 60 s. With little load, a row appears in the store this long
    /// after the function's end. Without a journal, a killed process loses the activities of this
    /// time.
    ///
    /// **Lower it** if readers must see rows sooner. **Raise it** if many processes with little
    /// load write to one server.
    pub fn batch_age(mut self, age: Duration) -> Self {
        self.batch_age = age.clamp(Duration::from_millis(1), Duration::from_mins(1));
        self
    }

    /// Sets the time limit for one attempt to write a batch. An attempt that takes longer has
    /// failed.
    ///
    /// Default: 30 s. Range: 10 ms to 10 min. The limit guards against a store that never answers.
    /// The stores of this crate have shorter limits of their own.
    ///
    /// **Change it** for a store of your own that needs longer.
    pub fn write_timeout(mut self, timeout: Duration) -> Self {
        self.write_timeout = timeout.clamp(Duration::from_millis(10), Duration::from_mins(10));
        self
    }

    /// Sets the number of retries for a batch that [fails](crate::StoreError::Failed) for an
    /// unknown reason although the store answers.
    ///
    /// Default: 8. Maximum: 100. With the default [delays](Self::retry_delays) they take 16 to 33
    /// seconds, during which later batches wait.
    ///
    /// After the last retry the rows are taken for the reason. The batch is halved until the rows
    /// are found that can't be written.
    ///
    /// Other failures do not use the retries up:
    ///
    /// - A store that can't be reached, has no table yet, denies access or takes no writes is
    ///   waited for without a limit. At the delays, it is only asked if it can be written to.
    /// - A store that is [busy](crate::StoreError::Busy), or has [something
    ///   broken](crate::StoreError::Broken), is waited for too. After this number of attempts fewer
    ///   rows are written at a time. A row that fails alone is given up only if others succeed
    ///   between its attempts.
    ///
    /// **Lower it** if a bad row must not delay the others for so long.
    pub fn retries(mut self, retries: usize) -> Self {
        self.retry.retries_max = retries.min(100);
        self
    }

    /// Sets the first and the longest pause between attempts. A pause doubles from one attempt to
    /// the next. A random time of up to the pause's own length is added to each.
    ///
    /// Default: 100 ms and 5 s. Range: 1 ms to 10 min each. A longest pause that is shorter than
    /// the first counts as equal to it.
    ///
    /// **Change it** if many trackers share a store that needs time to recover.
    pub fn retry_delays(mut self, first: Duration, longest: Duration) -> Self {
        let bounds =
            |delay: Duration| delay.clamp(Duration::from_millis(1), Duration::from_mins(10));
        self.retry.delay_min = bounds(first);
        self.retry.delay_max = bounds(longest).max(self.retry.delay_min);
        self
    }
}
