//! The thread that brings batches to the store.

use std::{
    io,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, ThreadId},
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
use uuid::ContextV7;

use super::{
    queue::{Outcome, Queue},
    retry::RetryPolicy,
};
use crate::{
    error_chain::ErrorChain,
    quietly::{panic_message, quietly},
    store::{Batch, Store, StoreError},
};

/// The writer as its tracker sees it.
#[derive(Debug)]
pub(crate) struct Writer {
    /// When to give up on what is still queued; `None` while the tracker runs.
    deadline: watch::Sender<Option<Instant>>,
    end: Arc<End>,
    thread: ThreadId,
}

/// Whether the writer's thread has ended.
#[derive(Debug)]
struct End {
    ended: Mutex<bool>,
    changed: Condvar,
    /// The same for those who await it.
    told: watch::Sender<bool>,
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
        let end = Arc::new(End {
            ended: Mutex::new(false),
            changed: Condvar::new(),
            told: watch::Sender::new(false),
        });
        let on_end = OnEnd {
            queue: Arc::clone(&queue),
            end: Arc::clone(&end),
        };
        let work = Work {
            store_name: store_name(&*store),
            queue,
            store,
            retry,
            write_timeout,
            ids: ContextV7::new(),
        };
        let thread = thread::Builder::new()
            .name("tracker-writer".to_owned())
            .spawn(move || {
                let _on_end = on_end;
                runtime.block_on(work.run(given_deadline));
            })?;
        Ok(Self {
            deadline,
            end,
            thread: thread.thread().id(),
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
        let mut ended = self.end.told.subscribe();
        // The sender is a field of `self`, so waiting can't fail.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Blocks until the thread has ended, but no longer than `limit`; tells whether it has. The writer's own thread does not wait
    /// for itself.
    pub(crate) fn wait_ended(&self, limit: Duration) -> bool {
        if self.is_current_thread() {
            return false;
        }
        let ended = self.end.lock();
        let (ended, _) = self
            .end
            .changed
            .wait_timeout_while(ended, limit, |ended| !*ended)
            .unwrap_or_else(PoisonError::into_inner);
        *ended
    }

    /// Says that nobody has to wait for the thread any more.
    pub(crate) fn abandoned(&self) {
        self.end.told.send_replace(true);
    }

    /// Whether this is called on the writer's thread.
    pub(crate) fn is_current_thread(&self) -> bool {
        thread::current().id() == self.thread
    }
}

impl End {
    fn lock(&self) -> std::sync::MutexGuard<'_, bool> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves nobody waiting, however the thread ends.
struct OnEnd {
    queue: Arc<Queue>,
    end: Arc<End>,
}

impl Drop for OnEnd {
    fn drop(&mut self) {
        // Nothing is left but after a deadline, or a panic that nothing else has caught.
        let rows = self.queue.abandon();
        if rows > 0 {
            quietly(|| {
                tracing::error!(
                    rows,
                    "activities are lost: the writer ended before they were written"
                );
            });
        }
        *self.end.lock() = true;
        self.end.changed.notify_all();
        self.end.told.send_replace(true);
    }
}

struct Work {
    queue: Arc<Queue>,
    store: Arc<dyn Store>,
    /// What the store calls itself.
    store_name: String,
    retry: RetryPolicy,
    write_timeout: Duration,
    /// Makes the IDs of drafts ascend.
    ids: ContextV7,
}

impl Work {
    async fn run(self, deadline: watch::Receiver<Option<Instant>>) {
        let mut given_up = pin!(reached(deadline));
        while let Some(mut recorded) = self.queue.next_batch().await {
            let mut left = vec![recorded.take_activities::<Batch>(&self.ids)];
            self.queue.recycle(recorded);
            // A batch with a row that the store refuses is halved until the row is found.
            while let Some(batch) = left.pop() {
                let mut writing = pin!(self.write(batch.clone()));
                let written = match select(given_up.as_mut(), writing.as_mut()).await {
                    // What is left counts as lost when the thread ends.
                    Either::Left(_) => return,
                    Either::Right((written, _)) => written,
                };
                match written {
                    Ok(()) => {
                        self.queue.settle(batch.rows(), Outcome::Stored);
                    }
                    Err(error) => left.extend(self.undeliverable(&batch, &error)),
                }
            }
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
            if !error.is_transient() {
                if batch.is_retry() {
                    return Err(error);
                }
                batch = batch.retry();
                continue;
            }
            let Some(delay) = delays.next() else {
                return Err(error);
            };
            quietly(|| {
                tracing::warn!(
                    error = %ErrorChain(&error),
                    rows = batch.rows(),
                    retry_in = ?delay,
                    "activities could not be written yet"
                );
            });
            batch = batch.retry();
            sleep(delay).await;
        }
    }

    /// Writes a batch once. A store that panics has failed like any other.
    async fn attempt(&self, batch: Batch) -> Result<(), StoreError> {
        let write = AssertUnwindSafe(async { self.store.write(batch).await }).catch_unwind();
        match timeout(self.write_timeout, write).await {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => {
                let source = format!("the store panicked: {}", panic_message(panic));
                Err(StoreError::Failed {
                    operation: "writing",
                    store: self.store_name.clone(),
                    source: source.into(),
                })
            }
            Err(_) => Err(StoreError::Timeout {
                operation: "writing a batch",
                after: self.write_timeout,
            }),
        }
    }

    /// Settles a batch that could not be written, or returns the halves that are to be tried apart.
    fn undeliverable(&self, batch: &Batch, error: &StoreError) -> Vec<Batch> {
        let refused = matches!(error, StoreError::Refused { .. });
        if refused && let Some((first, second)) = batch.halves() {
            // The last is taken first, and rows are written in their order.
            return vec![second, first];
        }
        let outcome = if refused {
            Outcome::Refused
        } else {
            Outcome::StoreFailed
        };
        let lost = self.queue.settle(batch.rows(), outcome);
        // A thousand rows that are refused one by one are ten lines. Failed batches come one after the other, with all their
        // attempts between them.
        if !refused || lost.is_power_of_two() {
            let first = batch.activities().first();
            quietly(|| {
                tracing::error!(
                    error = %ErrorChain(error),
                    rows = batch.rows(),
                    lost,
                    first_action_id = first.map(|activity| &*activity.action_id),
                    "activities are lost: they could not be written"
                );
            });
        }
        Vec::new()
    }
}

/// What the store calls itself; asked for once, since it may panic.
fn store_name(store: &dyn Store) -> String {
    let mut name = "the store".to_owned();
    quietly(|| name = store.describe());
    name
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
