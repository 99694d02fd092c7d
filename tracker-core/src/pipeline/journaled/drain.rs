//! From the journals to the store: the second loop.

use std::pin::pin;

use futures_util::{StreamExt, future::join, stream::unfold};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, sleep, timeout_at},
};

use super::{files::PAUSE, work::Loops};
use crate::{
    clock::now_ms,
    journal::{Cleared, DeadLetter, Journals, Source},
    panics::quietly,
    pipeline::{
        deferral::{Deferral, Deferred},
        delivery::{BATCHES_AT_ONCE, Fate, reason},
        log_throttle::is_worth_a_line,
        queue::{Held, Outcome},
    },
    row::Row,
    store::Batch,
};

impl Loops<'_> {
    /// Brings what is in the journals to the store.
    pub(super) async fn drain_all(&self) {
        let (defer, deferred) = unbounded_channel();
        join(self.drain_batches(defer), self.drain_deferred(deferred)).await;
    }

    async fn drain_batches(&self, defer: UnboundedSender<Deferred<u64>>) {
        let batches = unfold((), async |()| Some((self.next().await?, ())));
        let deliveries = batches.map(async |(source, batch)| {
            let mut unstored = Unstored::default();
            let rows = batch.rows();
            let settled = |part: &Batch, fate: Fate<'_>| self.settle(part, fate, &mut unstored);
            self.work.direct.delivery.deliver(batch, settled).await;
            (source, rows, unstored)
        });
        let mut delivered = pin!(deliveries.buffered(BATCHES_AT_ONCE));
        while let Some((source, rows, unstored)) = delivered.next().await {
            let Unstored { dead, deferred, .. } = unstored;
            let waiting: Vec<_> = deferred.iter().map(|(_, row, _)| row.clone()).collect();
            if let Some(journals) = &mut *self.journals.borrow_mut() {
                let moved = journals.shipped(dead, waiting);
                self.work.progress.appended(moved);
            }
            // Rows that are in the store can be removed with the next ones; dead letters would fill
            // the memory.
            while !self.clear(source) {
                sleep(PAUSE).await;
            }
            if source == Source::Own {
                let mut frontier = self.drained.borrow_mut();
                for (place, row, deferral) in deferred {
                    let key = frontier.next() + place;
                    frontier.wait(key);
                    // It is received as long as anything is sent.
                    let _ = defer.send(Deferred { row, deferral, key });
                }
                frontier.advance(rows);
                self.work.progress.drained_to(frontier.reached());
            }
            // Batches that could not be delivered beside it can be now.
            self.work.progress.wake();
        }
    }

    /// Brings the rows of the tracker's own journal to the store that it did not take yet.
    async fn drain_deferred(&self, deferred: UnboundedReceiver<Deferred<u64>>) {
        let outcomes = self.work.direct.delivery.deliver_deferred(deferred);
        let mut outcomes = pin!(outcomes);
        while let Some((Deferred { row, key, .. }, outcome)) = outcomes.next().await {
            let fate = match &outcome {
                Ok(()) => Fate::Stored,
                Err(error) => Fate::Undeliverable(error),
            };
            let mut unstored = Unstored::default();
            self.settle(&row, fate, &mut unstored);
            if let Some(journals) = &mut *self.journals.borrow_mut() {
                journals.settled(&row, unstored.dead);
            }
            while !self.clear(Source::Own) {
                sleep(PAUSE).await;
            }
            self.drained.borrow_mut().settle(key);
            let reached = self.drained.borrow().reached();
            self.work.progress.drained_to(reached);
        }
    }

    /// Removes from a journal what needs no delivery any more, and counts its dead letters once
    /// they are put aside; tells whether none is left to be.
    pub(super) fn clear(&self, source: Source) -> bool {
        let mut journals = self.journals.borrow_mut();
        let Some(journals) = &mut *journals else {
            return true;
        };
        if !journals.is_unremoved(source) {
            return true;
        }
        let cleared = match journals.clear(source) {
            Err(error) if error.is_damage() => {
                self.failed(&error, NOT_REMOVED);
                let replaced = self.replace(journals, source);
                replaced.map(|()| Cleared::default())
            }
            cleared => cleared,
        };
        match cleared {
            Ok(cleared) => {
                self.put_aside(&cleared);
                true
            }
            Err(error) => {
                self.failed(&error, NOT_REMOVED);
                self.clear_at.set(Some(Instant::now() + PAUSE));
                !journals.has_dead(source)
            }
        }
    }

    /// Tries again to remove what could not be removed; when to do so the next time.
    fn clear_again(&self) -> Option<Instant> {
        let at = self.clear_at.get()?;
        if Instant::now() < at {
            return Some(at);
        }
        self.clear_at.set(None);
        for source in [Source::Own, Source::Left] {
            self.clear(source);
        }
        self.clear_at.get()
    }

    /// Counts the dead letters that are in the file now, and those for which there was no room.
    pub(super) fn put_aside(&self, cleared: &Cleared) {
        let queue = &self.work.direct.queue;
        let rows = cleared.put_aside.len() as u64;
        let count = queue.settle(rows, Held::Journaled, Outcome::DeadLettered);
        if let Some(letter) = cleared.put_aside.first()
            && is_worth_a_line(count, rows)
        {
            quietly(|| {
                tracing::error!(
                    reason = letter.reason,
                    rows,
                    dead_letters = count,
                    first_action_id = letter.activity.action_id,
                    "activities are put aside as dead letters: the store refused them"
                );
            });
        }
        for letter in &cleared.lost {
            queue.lost_log().tell(&letter.reason, || &letter.activity);
        }
        let rows = cleared.lost.len() as u64;
        let count = queue.settle(rows, Held::Journaled, Outcome::Refused);
        if let Some(letter) = cleared.lost.first()
            && is_worth_a_line(count, rows)
        {
            quietly(|| {
                tracing::error!(
                    reason = letter.reason,
                    rows,
                    lost = count,
                    first_action_id = letter.activity.action_id,
                    journal = %self.work.settings.directory.display(),
                    "activities are lost: the store refused them, and the journal has no room for more dead letters"
                );
            });
        }
    }

    /// The next batch to be delivered; `None` when there is nothing and no more can come.
    async fn next(&self) -> Option<(Source, Batch)> {
        let mut ripe_at = None;
        loop {
            let unopened = self.try_open();
            let unremoved = self.clear_again();
            if let Some(source) = self.ripe(&mut ripe_at) {
                if let Some((batch, may_be_stored)) = self.read(source) {
                    let batch = if may_be_stored { batch.retry() } else { batch };
                    return Some((source, batch));
                }
                sleep(PAUSE).await;
                continue;
            }
            if self.all_appended.get() && !self.has_more() {
                return None;
            }
            match [ripe_at, unopened, unremoved].into_iter().flatten().min() {
                None => self.work.progress.news().await,
                Some(at) => {
                    // At that time it is ripe, or the journal can be tried again.
                    let _ = timeout_at(at, self.work.progress.news()).await;
                }
            }
        }
    }

    /// The first entries of a journal; one that is damaged is replaced, and can be read later.
    fn read(&self, source: Source) -> Option<(Batch, bool)> {
        let mut journals = self.journals.borrow_mut();
        let journals = journals.as_mut()?;
        let error = match journals.next(source, self.work.batch_rows) {
            Ok(found) => return Some(found),
            Err(error) => error,
        };
        self.failed(&error, "what is in it can't be read");
        if error.is_damage() {
            if let Err(error) = self.replace(journals, source) {
                self.failed(&error, "what is in it can't be read");
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
        // All that is on its way is of one journal, and another process's goes alone.
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
                || self.all_appended.get()
                || self.work.progress.is_hurried()
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

    /// Returns whether something waits, though it may not be its turn yet.
    fn has_more(&self) -> bool {
        let journals = self.journals.borrow();
        journals.as_ref().is_some_and(Journals::has_more)
    }

    /// Counts what is in the store, makes dead letters of what it will never take, and keeps what
    /// it does not take yet.
    fn settle(&self, part: &Batch, fate: Fate<'_>, unstored: &mut Unstored) {
        let place = unstored.settled;
        unstored.settled += part.rows();
        match fate {
            Fate::Stored => {
                let queue = &self.work.direct.queue;
                queue.settle(part.rows(), Held::Journaled, Outcome::Stored);
            }
            Fate::Deferred(deferral) => unstored.deferred.push((place, part.clone(), deferral)),
            Fate::Undeliverable(error) => {
                let reason = reason(error);
                let died_at = now_ms();
                let activities = part.iter().map(Row::to_activity);
                let letters = activities.map(|dead| DeadLetter::new(dead, &reason, died_at));
                unstored.dead.extend(letters);
            }
        }
    }
}

/// The part of a batch that is not in the store.
#[derive(Default)]
struct Unstored {
    /// The number of rows that have their fate, which are the first ones.
    settled: u64,
    dead: Vec<DeadLetter>,
    /// With their places in the batch, from 0 on.
    deferred: Vec<(u64, Batch, Deferral)>,
}

/// The consequence of a failure to remove something.
const NOT_REMOVED: &str = "what is in the store, or was refused, can't be removed from it yet";
