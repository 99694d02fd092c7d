//! From the queue into the journal: the first loop.

use std::{pin::pin, sync::atomic::Ordering};

use futures_util::{
    FutureExt,
    future::{Either, select},
};
use tokio::time::sleep;

use super::{
    files::PAUSE,
    work::{Journaled, Loops},
};
use crate::pipeline::{
    delivery::{Fate, Standing},
    direct::{self, Direct},
    queue::{Held, Outcome},
};

impl Loops<'_> {
    /// Puts what the queue holds into the journal.
    pub(super) async fn append_all(&self) {
        while let Some(batch) = self.work.direct.queue.next_batch(&self.ids).await {
            self.in_hand.replace(batch);
            self.is_sent.set(false);
            self.append().await;
        }
        self.all_appended.set(true);
        self.work.progress.wake();
    }

    /// Puts what is in hand into the journal, and what that does not take into the store. While
    /// that can't be reached either, both are tried.
    async fn append(&self) {
        // It may have taken all, and then have been found to be removed.
        while !self.try_append() && !self.in_hand.borrow().is_empty() {
            let batch = self.in_hand.borrow().clone();
            let batch = if self.is_sent.replace(true) {
                batch.retry()
            } else {
                batch
            };
            let Direct { queue, delivery } = &self.work.direct;
            // Deferred rows would be in memory alone, where nobody puts it into the journal.
            let standing = Standing::default();
            let delivered = delivery.deliver_and_tell(batch, &standing, |part, fate| {
                direct::settle(queue, part, &fate);
                self.take(part.len());
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
                // A delivery that waits for the store goes on waiting where the journal has taken
                // nothing meanwhile.
                let left = self.in_hand.borrow().len();
                if standing.is_paused.load(Ordering::Relaxed)
                    && (self.try_append() || self.in_hand.borrow().len() < left)
                {
                    break;
                }
            }
        }
    }

    /// Puts what is in hand into the journal, as much as that takes; tells whether it was all.
    fn try_append(&self) -> bool {
        let rows = self.in_hand.borrow().len();
        let is_sent = self.is_sent.get();
        let is_all_appended = self.on_journals(|journals| {
            let in_hand = self.in_hand.borrow().clone();
            let (added, outcome) = journals.append(&in_hand, is_sent);
            self.take(added);
            outcome
        });
        let appended = (rows - self.in_hand.borrow().len()) as u64;
        let Journaled {
            direct, progress, ..
        } = self.work;
        direct
            .queue
            .settle(appended, Held::Queued, Outcome::Journaled);
        progress.appended(appended);
        // The last: who waits until it has passed may go on to wait until it is shipped.
        direct.queue.pass(appended);
        is_all_appended
    }

    /// Has the first rows in hand no longer.
    fn take(&self, rows: usize) {
        let rest = self.in_hand.borrow().rest(rows);
        self.in_hand.replace(rest);
    }

    /// Puts what is in hand and what is queued into the journal, and waits for nothing.
    pub(super) fn append_the_rest(&self) {
        self.retry_at.set(None);
        // A batch that was being written may be in the store.
        self.is_sent.set(true);
        // Even if that is nothing: so it is noticed if the file was removed.
        while self.try_append() {
            let next = self.work.direct.queue.next_batch(&self.ids).now_or_never();
            let Some(Some(batch)) = next else {
                break;
            };
            self.in_hand.replace(batch);
        }
    }
}
