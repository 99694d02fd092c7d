//! The way through the journal.
//!
//! Two loops on the writer's thread: one puts what the queue holds into the journal, in groups, and never waits for the store; the other, in
//! `shipping`, brings it from the journal to the store, and removes what is there. They share the journal, which blocks the thread for
//! some microseconds a row. A third one looks each second whether the journal's files are still there.

use std::{
    cell::{Cell, RefCell},
    pin::pin,
    sync::{Arc, atomic::Ordering, mpsc::Sender},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{Either, join, select},
};
use tokio::time::{Instant, sleep};
use uuid::ContextV7;

use super::{
    deliver::{Fate, Standing},
    progress::Progress,
    queue::{Held, Outcome},
    shipment::Shipment,
    straight::{self, Straight},
    throttle::is_worth_a_line,
    writer::given_up_because,
};
use crate::{
    Activity, Durability,
    error_chain::ErrorChain,
    journal::{Cleared, Journal, JournalError, Journals, Replaced, Source},
    panics::quietly,
    store::Batch,
};

/// How long a journal that failed is left alone.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// After how long without a failure a journal works again.
const QUIET: Duration = Duration::from_secs(10);

/// What comes of a failure to add something.
const NOT_TAKEN: &str = "what it does not take goes to the store from memory";

/// What the two loops need.
pub(crate) struct Journaling {
    pub(crate) straight: Straight,
    pub(crate) shipment: Arc<Shipment>,
    pub(crate) settings: Journal,
    /// Told when the journal is open, or can't be opened.
    pub(crate) opened: Sender<()>,
    pub(crate) durability: Durability,
    /// How many entries are shipped at once, and how long the first waits for others.
    pub(crate) batch_rows: usize,
    pub(crate) batch_age: Duration,
}

/// The state of the loops; they run on one thread.
pub(super) struct Loops<'a> {
    pub(super) work: &'a Journaling,
    pub(super) journals: RefCell<Option<Journals>>,
    /// When the journal may be tried again.
    retry_at: Cell<Option<Instant>>,
    /// How often it has failed since it last worked, and when last.
    failures: Cell<u64>,
    failed_at: Cell<Option<Instant>>,
    /// When what could not be removed may be tried again.
    pub(super) clear_at: Cell<Option<Instant>>,
    /// What is in nobody's hands but the first loop's.
    in_hand: RefCell<Vec<Activity>>,
    /// Whether some of that may be in the store already.
    is_sent: Cell<bool>,
    pub(super) all_journaled: Cell<bool>,
    /// How far the tracker's own journal is shipped.
    pub(super) shipped: RefCell<Progress>,
    /// Whether what was shipped last was of a journal that another process has left.
    pub(super) was_left: Cell<bool>,
    ids: ContextV7,
}

impl Journaling {
    /// Works until the queue is closed and all of it is in the store, or until `given_up`; then what is left is put into the journal.
    pub(super) async fn run(self, given_up: impl Future<Output = ()>) {
        let loops = Loops {
            work: &self,
            journals: RefCell::new(None),
            retry_at: Cell::new(None),
            failures: Cell::new(0),
            failed_at: Cell::new(None),
            clear_at: Cell::new(None),
            in_hand: RefCell::new(Vec::new()),
            is_sent: Cell::new(false),
            all_journaled: Cell::new(false),
            shipped: RefCell::default(),
            was_left: Cell::new(false),
            ids: ContextV7::new(),
        };
        loops.open();
        // Who waits for it may have given up.
        let _ = self.opened.send(());
        let both = join(loops.keep_all(), loops.ship_all());
        let (both, look_after) = (pin!(both), pin!(loops.look_after()));
        let both = select(both, look_after);
        let is_early = matches!(select(pin!(given_up), both).await, Either::Left(_));
        if is_early {
            loops.keep_what_is_left();
        }
        loops.close();
    }
}

/// What is still in hand at the end is in neither the journal nor the store.
impl Drop for Loops<'_> {
    fn drop(&mut self) {
        let lost_log = self.work.straight.queue.lost_log();
        for activity in self.in_hand.take() {
            lost_log.tell(&given_up_because(), || activity);
        }
    }
}

impl Loops<'_> {
    /// Puts what the queue holds into the journal.
    async fn keep_all(&self) {
        while let Some(mut open) = self.work.straight.queue.next_batch().await {
            self.in_hand.replace(open.take_activities(&self.ids));
            self.is_sent.set(false);
            self.work.straight.queue.recycle(open);
            self.keep().await;
        }
        self.all_journaled.set(true);
        self.work.shipment.wake();
    }

    /// Makes a journal again that was removed and holds something, also while nothing is added to it. Goes on for ever.
    async fn look_after(&self) {
        loop {
            sleep(PAUSE).await;
            let is_removed = |journals: &Journals| journals.look_after().is_err();
            if self.journals.borrow().as_ref().is_some_and(is_removed) {
                self.on_journals(|journals| journals.look_after());
            }
        }
    }

    /// Puts what is in hand into the journal, and what that does not take into the store. While that can't be reached either, both are tried.
    async fn keep(&self) {
        // It may have taken all, and then have been found to be removed.
        while !self.try_keep() && !self.in_hand.borrow().is_empty() {
            let batch = Batch::from(self.in_hand.borrow().clone());
            let batch = if self.is_sent.replace(true) {
                batch.retry()
            } else {
                batch
            };
            let Straight { queue, delivery } = &self.work.straight;
            // What is deferred would be in memory alone, where nobody puts it into the journal.
            let standing = Standing::default();
            let delivered = delivery.deliver_and_tell(batch, &standing, |part, fate| {
                straight::settle(queue, part, &fate);
                let rows = part.activities().len();
                self.in_hand.borrow_mut().drain(..rows);
                match fate {
                    Fate::Undeliverable(_) => queue.pass_lost(part.rows()),
                    Fate::Stored | Fate::Deferred(_) => queue.pass(part.rows()),
                }
            });
            let mut delivered = pin!(delivered);
            loop {
                if let Either::Left(_) = select(delivered.as_mut(), pin!(sleep(PAUSE))).await {
                    return;
                }
                // A delivery that waits for the store goes on waiting where the journal has taken nothing meanwhile.
                let left = self.in_hand.borrow().len();
                if standing.is_paused.load(Ordering::Relaxed)
                    && (self.try_keep() || self.in_hand.borrow().len() < left)
                {
                    break;
                }
            }
        }
    }

    /// Puts what is in hand into the journal, as much as that takes; tells whether it was all.
    fn try_keep(&self) -> bool {
        let rows = self.in_hand.borrow().len();
        let is_sent = self.is_sent.get();
        let is_all_kept = self.on_journals(|journals| {
            let mut in_hand = self.in_hand.borrow_mut();
            let (added, outcome) = journals.append(&in_hand, is_sent);
            in_hand.drain(..added);
            outcome
        });
        let kept = (rows - self.in_hand.borrow().len()) as u64;
        let Journaling {
            straight, shipment, ..
        } = self.work;
        straight
            .queue
            .settle(kept, Held::Queued, Outcome::Journaled);
        shipment.journaled(kept);
        // The last: who waits until it has passed may go on to wait until it is shipped.
        straight.queue.pass(kept);
        is_all_kept
    }

    /// Does something with the journal, opens it first where it is not open, and replaces it where it is damaged; tells whether it was
    /// done.
    fn on_journals(&self, work: impl Fn(&mut Journals) -> Result<(), JournalError>) -> bool {
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
        let Journaling {
            straight, shipment, ..
        } = self.work;
        let queue = &straight.queue;
        queue.settle(lost, Held::Journaled, Outcome::JournalDamaged);
        self.adopted(adopted);
        self.put_aside(&Cleared {
            put_aside,
            lost: Vec::new(),
        });
        if source == Source::Own {
            let mut progress = self.shipped.borrow_mut();
            progress.advance(lost);
            shipment.shipped_to(progress.reached());
        }
        Ok(())
    }

    /// Counts what others have left.
    fn adopted(&self, rows: u64) {
        if rows == 0 {
            return;
        }
        self.work.straight.queue.count_adopted(rows);
        quietly(|| {
            tracing::info!(
                rows,
                journals = %self.work.settings.directory.display(),
                "adopted activities that an ended process left"
            );
        });
    }

    /// Opens the journal, if it is not open and it is time to try; when to try again, where it is not open then. What others have left
    /// in its directory waits for nobody's activity.
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
    fn open(&self) {
        let mut journals = self.journals.borrow_mut();
        if journals.is_some() {
            return;
        }
        match Journals::open(self.work.settings.clone(), self.work.durability) {
            Ok(open) => {
                self.adopted(open.waiting());
                self.work.shipment.journaled(open.own_waiting());
                *journals = Some(open);
            }
            Err(error) => {
                self.failed(&error, NOT_TAKEN);
                self.retry_at.set(Some(Instant::now() + PAUSE));
            }
        }
    }

    /// Says that the journal failed, and what comes of it, each time there were twice as many failures.
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

    /// Puts what is in hand and what is queued into the journal, and waits for nothing.
    fn keep_what_is_left(&self) {
        self.retry_at.set(None);
        // What was being written may be in the store.
        self.is_sent.set(true);
        // Even if that is nothing: so it is noticed if the file was removed.
        while self.try_keep() {
            let Some(Some(mut open)) = self.work.straight.queue.next_batch().now_or_never() else {
                break;
            };
            self.in_hand.replace(open.take_activities(&self.ids));
        }
    }

    /// Removes what could not be removed before, and says what stays for the next process.
    fn close(&self) {
        for source in [Source::Own, Source::Left] {
            self.clear(source);
        }
        let journals = self.journals.borrow();
        let Some(journals) = &*journals else { return };
        journals.shrink();
        let left = self.work.straight.queue.stats().journaled;
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
