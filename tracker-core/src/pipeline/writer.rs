//! The thread that brings batches to the store.

use std::{
    io,
    pin::pin,
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, ThreadId},
    time::Duration,
};

use futures_util::future::{Either, select};
use tokio::{
    runtime::Builder,
    sync::watch,
    time::{Instant, sleep_until},
};

#[cfg(feature = "journal")]
use super::journaled::Journaled;
use super::{abandon::abandon, direct::Direct, journaled::progress::Progress, queue::Queue};
#[cfg(feature = "metrics")]
use super::{delivery::Delivery, metrics};
use crate::clock;
#[cfg(feature = "metrics")]
use crate::panics::quietly;

/// The time that the writer is given after its deadline to end by itself, again and again while it
/// gets on.
const GRACE: Duration = Duration::from_millis(200);

/// The time for which that goes on at most.
const KEEPING_MAX: Duration = Duration::from_secs(10);

/// The writer as its tracker sees it.
#[derive(Debug)]
pub(crate) struct Writer {
    /// When to give up on what is still queued; `None` while the tracker runs.
    deadline: watch::Sender<Option<Instant>>,
    end: Arc<End>,
    thread: ThreadId,
}

/// Tells whether the writer's thread has ended.
#[derive(Debug)]
struct End {
    ended: Mutex<bool>,
    changed: Condvar,
    /// The same for those who await it.
    told: watch::Sender<bool>,
}

impl Writer {
    /// Starts the thread. It ends once the queue is closed and empty, or at the
    /// [deadline](Self::give_up_at).
    pub(crate) fn start(work: Work, progress: Arc<Progress>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let (deadline, given_deadline) = watch::channel(None);
        let end = Arc::new(End {
            ended: Mutex::new(false),
            changed: Condvar::new(),
            told: watch::Sender::new(false),
        });
        let on_end = OnEnd {
            queue: Arc::clone(work.queue()),
            progress,
            end: Arc::clone(&end),
        };
        let thread = thread::Builder::new()
            .name("tracker-writer".to_owned())
            .spawn(move || {
                let _on_end = on_end;
                clock::calibrate();
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

    /// Blocks until the thread has ended, but no longer than `limit`; tells whether it has. The
    /// writer's own thread does not wait for itself.
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

    /// Blocks until the thread has ended: until `limit`, and longer while what is queued still gets
    /// less, since it is being put into the journal. Tells whether it has.
    pub(crate) fn wait_ended_or_stuck(&self, limit: Duration, queue: &Queue) -> bool {
        if self.wait_ended(limit) {
            return true;
        }
        let began = Instant::now();
        let mut queued = queue.stats().queued;
        while !self.is_current_thread() && began.elapsed() < KEEPING_MAX {
            if self.wait_ended(GRACE) {
                return true;
            }
            let left = queue.stats().queued;
            if left == queued {
                break;
            }
            queued = left;
        }
        false
    }

    /// Says that nobody has to wait for the thread any more.
    pub(crate) fn abandoned(&self) {
        self.end.told.send_replace(true);
    }

    /// Returns whether this is called on the writer's thread.
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
    progress: Arc<Progress>,
    end: Arc<End>,
}

impl Drop for OnEnd {
    fn drop(&mut self) {
        // Nothing is left but after a deadline, or a panic that nothing else has caught.
        abandon(&self.queue);
        self.progress.end();
        *self.end.lock() = true;
        self.end.changed.notify_all();
        self.end.told.send_replace(true);
    }
}

/// The work of the thread.
pub(crate) enum Work {
    Direct(Box<Direct>),
    #[cfg(feature = "journal")]
    Journaled(Box<Journaled>),
}

impl Work {
    fn queue(&self) -> &Arc<Queue> {
        match self {
            Self::Direct(work) => &work.queue,
            #[cfg(feature = "journal")]
            Self::Journaled(work) => &work.direct.queue,
        }
    }

    async fn run(self, deadline: watch::Receiver<Option<Instant>>) {
        #[cfg(not(feature = "metrics"))]
        self.deliver(deadline).await;
        #[cfg(feature = "metrics")]
        {
            let figures = Figures::of(&self);
            let reporting = pin!(figures.report_again_and_again());
            select(pin!(self.deliver(deadline)), reporting).await;
            figures.report();
        }
    }

    #[cfg(feature = "metrics")]
    fn delivery(&self) -> &Delivery {
        match self {
            Self::Direct(work) => &work.delivery,
            #[cfg(feature = "journal")]
            Self::Journaled(work) => &work.direct.delivery,
        }
    }

    async fn deliver(self, deadline: watch::Receiver<Option<Instant>>) {
        let given_up = reached(deadline);
        let queue = Arc::clone(self.queue());
        let delivered = async {
            match self {
                Self::Direct(work) => work.run(given_up).await,
                #[cfg(feature = "journal")]
                Self::Journaled(work) => work.run(given_up).await,
            }
        };
        select(pin!(delivered), pin!(queue.keep_spares())).await;
    }
}

/// The account, as the facade for metrics gets it.
#[cfg(feature = "metrics")]
struct Figures {
    queue: Arc<Queue>,
    store: String,
}

#[cfg(feature = "metrics")]
impl Figures {
    fn of(work: &Work) -> Self {
        quietly(metrics::describe);
        Self {
            queue: Arc::clone(work.queue()),
            store: work.delivery().store_name().to_owned(),
        }
    }

    fn report(&self) {
        quietly(|| metrics::account(&self.store, &self.queue.stats()));
    }

    async fn report_again_and_again(&self) {
        loop {
            self.report();
            tokio::time::sleep(metrics::INTERVAL).await;
        }
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
