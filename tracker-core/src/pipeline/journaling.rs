//! The way through the journal.
//!
//! Two loops on the writer's thread: one puts what the queue holds into the journal, in groups, and never waits for the store; the other
//! ships from the journal to the store, and removes what is there. They share the journal, which blocks the thread for
//! some microseconds a row.

use std::{
    cell::{Cell, RefCell},
    pin::pin,
    sync::{Arc, mpsc::Sender},
    time::{Duration, SystemTime},
};

use futures_util::{
    FutureExt, StreamExt,
    future::{Either, join, select},
    stream::unfold,
};
use tokio::time::{Instant, sleep, timeout_at};
use uuid::ContextV7;

use super::{
    deliver::Fate,
    queue::{Held, Outcome},
    shipment::Shipment,
    straight::{self, BATCHES_AT_ONCE, Straight},
};
use crate::{
    Activity, Durability,
    activity::unix_ms,
    error_chain::ErrorChain,
    journal::{DeadLetter, Journal, JournalError, Journals, Replaced, Source},
    quietly::quietly,
    store::Batch,
};

/// How long a journal that failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);

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
struct Loops<'a> {
    work: &'a Journaling,
    journals: RefCell<Option<Journals>>,
    /// When the journal may be tried again.
    retry_at: Cell<Option<Instant>>,
    /// How often it has failed.
    failures: Cell<u64>,
    /// What is in nobody's hands but the first loop's.
    in_hand: RefCell<Vec<Activity>>,
    /// Whether some of that may be in the store already.
    is_sent: Cell<bool>,
    all_journaled: Cell<bool>,
    /// Whether what was shipped last was of a journal that another process has left.
    was_left: Cell<bool>,
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
            in_hand: RefCell::new(Vec::new()),
            is_sent: Cell::new(false),
            all_journaled: Cell::new(false),
            was_left: Cell::new(false),
            ids: ContextV7::new(),
        };
        loops.open();
        // Who waits for it may have given up.
        let _ = self.opened.send(());
        let both = join(loops.keep_all(), loops.ship_all());
        let is_early = matches!(select(pin!(given_up), pin!(both)).await, Either::Left(_));
        if is_early {
            loops.keep_what_is_left();
        }
    }
}

impl Loops<'_> {
    /// Puts what the queue holds into the journal.
    async fn keep_all(&self) {
        while let Some(mut recorded) = self.work.straight.queue.next_batch().await {
            self.in_hand.replace(recorded.take_activities(&self.ids));
            self.is_sent.set(false);
            self.work.straight.queue.recycle(recorded);
            let rows = self.in_hand.borrow().len() as u64;
            self.keep().await;
            self.work.straight.queue.pass(rows);
        }
        self.all_journaled.set(true);
        self.work.shipment.wake();
    }

    /// Puts what is in hand into the journal; where that fails, into the store. While that can't be reached either, both are tried.
    async fn keep(&self) {
        while !self.try_keep() {
            let batch = Batch::from(self.in_hand.borrow().clone());
            let batch = if self.is_sent.replace(true) {
                batch.retry()
            } else {
                batch
            };
            let Straight { queue, delivery } = &self.work.straight;
            let is_unreachable = Cell::new(false);
            let delivered = delivery.deliver_and_tell(batch, &is_unreachable, |part, fate| {
                straight::settle(queue, part, &fate);
                let rows = part.activities().len();
                self.in_hand.borrow_mut().drain(..rows);
            });
            let mut delivered = pin!(delivered);
            loop {
                if let Either::Left(_) = select(delivered.as_mut(), pin!(sleep(PAUSE))).await {
                    return;
                }
                if is_unreachable.get() {
                    break;
                }
            }
        }
    }

    /// Puts what is in hand into the journal, if it can be written.
    fn try_keep(&self) -> bool {
        let mut in_hand = self.in_hand.borrow_mut();
        let rows = in_hand.len() as u64;
        let is_sent = self.is_sent.get();
        if !self.on_journals(|journals| journals.append(&in_hand, is_sent)) {
            return false;
        }
        in_hand.clear();
        self.work
            .straight
            .queue
            .settle(rows, Held::Queued, Outcome::Journaled);
        self.work.shipment.journaled(rows);
        true
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
                self.failed(&error);
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
                self.failed(&error);
                self.retry_at.set(Some(Instant::now() + PAUSE));
                false
            }
        }
    }

    fn replace(&self, journals: &mut Journals, source: Source) -> Result<(), JournalError> {
        let Replaced { lost, adopted } = journals.replace(source)?;
        let Journaling {
            straight, shipment, ..
        } = self.work;
        let queue = &straight.queue;
        queue.settle(lost, Held::Journaled, Outcome::JournalDamaged);
        queue.count_adopted(adopted);
        if source == Source::Own {
            shipment.shipped(lost);
        }
        Ok(())
    }

    /// Opens the journal, if it is not open and it is time to try; when to try again, where it is not open then. What others have left
    /// in its directory waits for nobody's activity.
    fn try_open(&self) -> Option<Instant> {
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
                self.work.straight.queue.count_adopted(open.waiting());
                self.work.shipment.journaled(open.own_waiting());
                *journals = Some(open);
            }
            Err(error) => {
                self.failed(&error);
                self.retry_at.set(Some(Instant::now() + PAUSE));
            }
        }
    }

    fn failed(&self, error: &JournalError) {
        let failures = self.failures.get() + 1;
        self.failures.set(failures);
        if failures.is_power_of_two() {
            quietly(|| {
                tracing::error!(
                    error = %ErrorChain(error),
                    failures,
                    journal = %self.work.settings.directory.display(),
                    "the journal failed: what it does not take goes to the store from memory"
                );
            });
        }
    }

    fn worked(&self) {
        if self.failures.replace(0) > 0 {
            quietly(|| tracing::info!("the journal works again"));
        }
    }

    /// Ships what is in the journals.
    async fn ship_all(&self) {
        let shipments = unfold((), async |()| Some((self.next().await?, ())));
        let deliveries = shipments.map(async |(source, batch)| {
            let mut dead = Vec::new();
            let rows = batch.rows();
            let settled = |part: &Batch, fate: Fate<'_>| self.settle(part, &fate, &mut dead);
            self.work.straight.delivery.deliver(batch, settled).await;
            (source, rows, dead)
        });
        let mut delivered = pin!(deliveries.buffered(BATCHES_AT_ONCE));
        while let Some((source, rows, dead)) = delivered.next().await {
            if let Some(journals) = &mut *self.journals.borrow_mut()
                && let Err(error) = journals.remove(dead)
            {
                self.failed(&error);
            }
            if source == Source::Own {
                self.work.shipment.shipped(rows);
            }
            // What could not be shipped beside it can be now.
            self.work.shipment.wake();
        }
    }

    /// What is to be shipped next; `None` when there is nothing and no more can come.
    async fn next(&self) -> Option<(Source, Batch)> {
        let mut ripe_at = None;
        loop {
            let unopened = self.try_open();
            if let Some(source) = self.ripe(&mut ripe_at) {
                if let Some((activities, may_be_stored)) = self.read(source) {
                    let batch = Batch::from(activities);
                    let batch = if may_be_stored { batch.retry() } else { batch };
                    return Some((source, batch));
                }
                sleep(PAUSE).await;
                continue;
            }
            if self.all_journaled.get() && !self.has_more() {
                return None;
            }
            match ripe_at.or(unopened) {
                None => self.work.shipment.news().await,
                Some(at) => {
                    // At that time it is ripe, or the journal can be tried again.
                    let _ = timeout_at(at, self.work.shipment.news()).await;
                }
            }
        }
    }

    /// The first entries of a journal; one that is damaged is replaced, and can be read later.
    fn read(&self, source: Source) -> Option<(Vec<Activity>, bool)> {
        let mut journals = self.journals.borrow_mut();
        let journals = journals.as_mut()?;
        let error = match journals.next(source, self.work.batch_rows) {
            Ok(found) => return Some(found),
            Err(error) => error,
        };
        self.failed(&error);
        if error.is_damage() {
            if let Err(error) = self.replace(journals, source) {
                self.failed(&error);
            }
        } else if source == Source::Left {
            journals.put_back();
        }
        None
    }

    /// The journal whose entries have waited long enough; sets when those that have not will have.
    fn ripe(&self, ripe_at: &mut Option<Instant>) -> Option<Source> {
        let mut journals = self.journals.borrow_mut();
        let journals = journals.as_mut()?;
        // What is on its way is all of one journal, and another process's goes alone.
        let has_left = match journals.on_their_way() {
            Some(Source::Left) => return None,
            Some(Source::Own) => false,
            None => journals.has_left(),
        };
        let waiting = journals.own_waiting();
        let is_own_ripe = if waiting == 0 {
            *ripe_at = None;
            false
        } else {
            let now = Instant::now();
            let ripe_at = *ripe_at.get_or_insert(now + self.work.batch_age);
            waiting >= self.work.batch_rows as u64
                || now >= ripe_at
                || self.all_journaled.get()
                || self.work.shipment.is_hurried()
        };
        // In turns: neither waits until the other has nothing.
        let source = match (has_left, is_own_ripe) {
            (true, true) if self.was_left.get() => Source::Own,
            (true, _) => Source::Left,
            (false, true) => Source::Own,
            (false, false) => return None,
        };
        self.was_left.set(source == Source::Left);
        Some(source)
    }

    /// Whether something waits, though it may not be its turn yet.
    fn has_more(&self) -> bool {
        let journals = self.journals.borrow();
        journals.as_ref().is_some_and(Journals::has_more)
    }

    /// Counts what became of activities, and makes dead letters of those that the store will never take.
    fn settle(&self, part: &Batch, fate: &Fate<'_>, dead: &mut Vec<DeadLetter>) {
        let queue = &self.work.straight.queue;
        let Fate::Undeliverable(error) = *fate else {
            queue.settle(part.rows(), Held::Journaled, Outcome::Stored);
            return;
        };
        let mut reason = "the store refused it".to_owned();
        // An error of the user's own making may panic when it is told.
        quietly(|| reason = ErrorChain(error).to_string());
        let died_at = unix_ms(SystemTime::now());
        let letters = part.activities().iter().map(|activity| DeadLetter {
            activity: activity.clone(),
            reason: reason.clone(),
            died_at,
        });
        dead.extend(letters);
        let count = queue.settle(part.rows(), Held::Journaled, Outcome::DeadLettered);
        if count.is_power_of_two() {
            let first = part.activities().first();
            quietly(|| {
                tracing::error!(
                    reason,
                    dead_letters = count,
                    action_id = first.map(|activity| &*activity.action_id),
                    "an activity is put aside as a dead letter: the store refused it"
                );
            });
        }
    }

    /// Puts what is in hand and what is queued into the journal, and waits for nothing.
    fn keep_what_is_left(&self) {
        self.retry_at.set(None);
        // What was being written may be in the store.
        self.is_sent.set(true);
        // Even if that is nothing: so it is noticed if the file was removed.
        while self.try_keep() {
            let Some(Some(mut recorded)) = self.work.straight.queue.next_batch().now_or_never()
            else {
                break;
            };
            self.in_hand.replace(recorded.take_activities(&self.ids));
        }
    }
}
