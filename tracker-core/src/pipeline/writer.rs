//! The thread that brings batches to the store.

use std::{
    any::Any,
    io,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{Either, select},
};
use tokio::{
    runtime::Builder,
    sync::watch,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{
    queue::{Outcome, Queue, Recorded},
    retry::RetryPolicy,
};
use uuid::ContextV7;

use crate::{
    Activity,
    error_chain::ErrorChain,
    store::{Batch, Store, StoreError},
};

/// The writer as its tracker sees it.
#[derive(Debug)]
pub(crate) struct Writer {
    /// When to give up on what is still queued; `None` while the tracker runs.
    deadline: watch::Sender<Option<Instant>>,
    /// Closed when the thread has ended.
    ended: watch::Receiver<()>,
    /// The same for a thread that has to block.
    ended_blocking: Mutex<mpsc::Receiver<()>>,
}

impl Writer {
    /// Starts the thread. It ends once the queue is closed and empty, or at the [deadline](Self::give_up_at).
    pub(crate) fn start(
        queue: Arc<Queue>,
        store: Arc<dyn Store>,
        retry: RetryPolicy,
        write_timeout: Duration,
    ) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (deadline, given_deadline) = watch::channel(None);
        let (alive, ended) = watch::channel(());
        let (alive_blocking, ended_blocking) = mpsc::channel();
        let work = Work {
            queue,
            store,
            retry,
            write_timeout,
            ids: ContextV7::new(),
        };
        thread::Builder::new()
            .name("tracker-writer".to_owned())
            .spawn(move || {
                runtime.block_on(work.run(given_deadline));
                drop((alive, alive_blocking));
            })?;
        Ok(Self {
            deadline,
            ended,
            ended_blocking: Mutex::new(ended_blocking),
        })
    }

    /// Sets when to give up; an earlier deadline stays.
    pub(crate) fn give_up_at(&self, deadline: Instant) {
        self.deadline.send_if_modified(|current| {
            let earlier = current.is_none_or(|current| deadline < current);
            if earlier {
                *current = Some(deadline);
            }
            earlier
        });
    }

    /// Waits until the thread has ended.
    pub(crate) async fn ended(&self) {
        let mut ended = self.ended.clone();
        // Nothing is ever sent: the error that the sender is gone is what is waited for.
        while ended.changed().await.is_ok() {}
    }

    /// Blocks until the thread has ended, but no longer than `limit`.
    pub(crate) fn wait_ended(&self, limit: Duration) {
        let ended = self
            .ended_blocking
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        // As above, the error is what is waited for.
        let _ = ended.recv_timeout(limit);
    }
}

struct Work {
    queue: Arc<Queue>,
    store: Arc<dyn Store>,
    retry: RetryPolicy,
    write_timeout: Duration,
    /// Makes the IDs of drafts ascend.
    ids: ContextV7,
}

impl Work {
    async fn run(self, deadline: watch::Receiver<Option<Instant>>) {
        let mut given_up = pin!(reached(deadline));
        while let Some(recorded) = self.queue.next_batch().await {
            let activities = recorded.into_iter().map(|one| self.activity(one));
            let mut left = vec![activities.collect::<Vec<_>>()];
            // A batch with a row that the store refuses is halved until the row is found.
            while let Some(activities) = left.pop() {
                let rows = activities.len() as u64;
                let batch = Batch::from(activities);
                let mut writing = pin!(self.write(batch.clone()));
                let written = match select(given_up.as_mut(), writing.as_mut()).await {
                    Either::Left(_) => None,
                    Either::Right((written, _)) => Some(written),
                };
                match written {
                    None => {
                        let halves = left.iter().map(Vec::len).sum::<usize>() as u64;
                        return self.give_up(rows + halves);
                    }
                    Some(Ok(())) => self.queue.settle(rows, Outcome::Stored),
                    Some(Err(error)) => left.extend(self.undeliverable(&batch, &error)),
                }
            }
        }
    }

    /// The row of what was recorded.
    fn activity(&self, recorded: Recorded) -> Activity {
        match recorded {
            Recorded::Draft(draft) => draft.into_activity(&self.ids),
            Recorded::Activity(activity) => *activity,
        }
    }

    /// Writes a batch, with all the attempts it may have.
    async fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let mut delays = self.retry.delays();
        let mut batch = batch;
        loop {
            let Err(error) = self.attempt(batch.clone()).await else {
                return Ok(());
            };
            // The idempotent way of writing gets one chance with a batch that was refused.
            if !error.is_transient() && batch.is_retry() {
                return Err(error);
            }
            let Some(delay) = delays.next() else {
                return Err(error);
            };
            tracing::warn!(
                error = %ErrorChain(&error),
                rows = batch.activities().len(),
                retry_in = ?delay,
                "activities could not be written yet"
            );
            batch = batch.retry();
            sleep(if error.is_transient() {
                delay
            } else {
                Duration::ZERO
            })
            .await;
        }
    }

    /// Writes a batch once. A store that panics has failed like any other.
    async fn attempt(&self, batch: Batch) -> Result<(), StoreError> {
        let write = AssertUnwindSafe(async { self.store.write(batch).await }).catch_unwind();
        match timeout(self.write_timeout, write).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => Err(StoreError::Failed {
                operation: "writing",
                store: self.store.describe(),
                source: format!("the store panicked: {}", panic_message(&*panic)).into(),
            }),
            Err(_) => Err(StoreError::Timeout {
                operation: "writing a batch",
                after: self.write_timeout,
            }),
        }
    }

    /// Settles a batch that could not be written, or returns the halves that are to be tried apart.
    fn undeliverable(&self, batch: &Batch, error: &StoreError) -> Vec<Vec<Activity>> {
        let refused = matches!(error, StoreError::Refused { .. });
        let rows = batch.activities().len();
        if refused && rows > 1 {
            let (first, second) = batch.activities().split_at(rows / 2);
            // The last is taken first, and rows are written in their order.
            return vec![second.to_vec(), first.to_vec()];
        }
        tracing::error!(
            error = %ErrorChain(error),
            rows,
            first_action_id = batch.activities().first().map(|activity| &*activity.action_id),
            "activities are lost: they could not be written"
        );
        let outcome = if refused {
            Outcome::Refused
        } else {
            Outcome::StoreFailed
        };
        self.queue.settle(rows as u64, outcome);
        Vec::new()
    }

    /// Settles all that is left at the deadline, `in_hand` of it taken from the queue already.
    fn give_up(&self, in_hand: u64) {
        let rows = in_hand + self.queue.drain();
        tracing::error!(
            rows,
            "activities are lost: they were not written when the deadline of the shutdown came"
        );
        self.queue.settle(rows, Outcome::ShutdownDeadline);
    }
}

/// Ends at the deadline, once there is one; never if the tracker goes without setting one.
async fn reached(mut deadline: watch::Receiver<Option<Instant>>) {
    loop {
        let at = *deadline.borrow_and_update();
        let changed = async {
            if deadline.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        match at {
            None => changed.await,
            Some(at) => {
                let (slept, changed) = (pin!(sleep_until(at)), pin!(changed));
                if let Either::Left(_) = select(slept, changed).await {
                    return;
                }
            }
        }
    }
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
