//! The way without a journal: from the queue to the store.

use std::{
    cell::{Cell, RefCell},
    pin::pin,
    sync::Arc,
};

use futures_util::{
    StreamExt,
    future::{join, select},
    stream::unfold,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{
    abandon::given_up_because,
    deferral::Deferred,
    delivery::{BATCHES_AT_ONCE, Delivery, Fate},
    frontier::Frontier,
    log_throttle::is_worth_a_line,
    queue::{Held, Outcome, Queue},
};
use crate::{
    action_id::ActionIds,
    error_chain::ErrorChain,
    panics::quietly,
    store::{Batch, StoreError},
};

pub(crate) struct Direct {
    pub(crate) queue: Arc<Queue>,
    pub(crate) delivery: Delivery,
}

impl Direct {
    /// Works until the queue is closed and all of it is in the store, or until `given_up`; what is
    /// left then is lost.
    pub(super) async fn run(self, given_up: impl Future<Output = ()>) {
        let (defer, deferred) = unbounded_channel();
        let frontier = RefCell::default();
        let batches = self.deliver_batches(defer, &frontier);
        let later = self.deliver_deferred(deferred, &frontier);
        // At the deadline what is left counts as lost, when the thread ends.
        select(pin!(given_up), pin!(join(batches, later))).await;
    }

    async fn deliver_batches<'a>(
        &'a self,
        defer: UnboundedSender<Deferred<OnItsWay<'a>>>,
        frontier: &RefCell<Frontier>,
    ) {
        let (ids, taken) = (ActionIds::default(), Cell::new(0));
        let batches = unfold((), async |()| Some((self.next(&ids, &taken).await?, ())));
        let deliveries = batches.map(async |mut on_its_way| {
            let batch = on_its_way.batch.clone();
            let settled = |part: &Batch, fate: Fate<'_>| {
                on_its_way.settle(part, fate, &defer, frontier);
            };
            self.delivery.deliver(batch, settled).await;
            on_its_way.batch.rows()
        });
        // In the order of the batches, whichever is written first.
        let mut delivered = pin!(deliveries.buffered(BATCHES_AT_ONCE));
        while let Some(rows) = delivered.next().await {
            frontier.borrow_mut().advance(rows);
            self.queue.pass_to(frontier.borrow().reached());
        }
    }

    async fn deliver_deferred(
        &self,
        deferred: UnboundedReceiver<Deferred<OnItsWay<'_>>>,
        frontier: &RefCell<Frontier>,
    ) {
        let mut outcomes = pin!(self.delivery.deliver_deferred(deferred));
        while let Some((mut deferred, outcome)) = outcomes.next().await {
            let fate = match &outcome {
                Ok(()) => Fate::Stored,
                Err(error) => Fate::Undeliverable(error),
            };
            settle(&self.queue, &deferred.row, &fate);
            deferred.key.settled = 1;
            frontier.borrow_mut().settle(deferred.key.begins);
            self.queue.pass_to(frontier.borrow().reached());
        }
    }

    /// The next batch; `taken` is the position of the last activity that was taken.
    async fn next(&self, ids: &ActionIds, taken: &Cell<u64>) -> Option<OnItsWay<'_>> {
        let batch = self.queue.next_batch(ids).await?;
        let begins = taken.replace(taken.get() + batch.rows()) + 1;
        Some(OnItsWay {
            queue: &self.queue,
            batch,
            begins,
            settled: 0,
        })
    }
}

/// A batch, or a row that is deferred, on its way. What is not settled when this is dropped is
/// given up.
struct OnItsWay<'a> {
    queue: &'a Queue,
    batch: Batch,
    /// The position of its first row in the queue.
    begins: u64,
    /// The number of its rows that are settled, which are the first ones.
    settled: usize,
}

impl OnItsWay<'_> {
    fn settle(
        &mut self,
        part: &Batch,
        fate: Fate<'_>,
        defer: &UnboundedSender<Deferred<Self>>,
        frontier: &RefCell<Frontier>,
    ) {
        let begins = self.begins + self.settled as u64;
        self.settled += part.len();
        let Fate::Deferred(deferral) = fate else {
            settle(self.queue, part, &fate);
            return;
        };
        frontier.borrow_mut().wait(begins);
        let key = Self {
            queue: self.queue,
            batch: part.clone(),
            begins,
            settled: 0,
        };
        let row = part.clone();
        // It is received as long as anything is sent.
        let _ = defer.send(Deferred { row, deferral, key });
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        for row in self.batch.rest(self.settled).iter() {
            let reason = given_up_because();
            self.queue.lost_log().tell(&reason, || row.to_activity());
        }
    }
}

/// Counts what became of activities that are in memory alone, and says so where they are lost.
pub(super) fn settle(queue: &Queue, part: &Batch, fate: &Fate<'_>) {
    let error = match *fate {
        Fate::Stored => {
            queue.settle(part.rows(), Held::Queued, Outcome::Stored);
            return;
        }
        Fate::Deferred(_) => return,
        Fate::Undeliverable(error) => error,
    };
    let outcome = match error {
        StoreError::Refused { .. } | StoreError::MissingReference { .. } => Outcome::Refused,
        _ => Outcome::StoreFailed,
    };
    let lost = queue.settle(part.rows(), Held::Queued, outcome);
    for row in part.iter() {
        queue
            .lost_log()
            .tell(&ErrorChain(error), || row.to_activity());
    }
    // A thousand rows that are refused one by one are ten lines.
    if is_worth_a_line(lost, part.rows()) {
        let first = part.iter().next();
        quietly(|| {
            tracing::error!(
                error = %ErrorChain(error),
                rows = part.rows(),
                lost,
                first_action_id = first.map(|row| row.action_id.to_string()),
                "activities are lost: they could not be written"
            );
        });
    }
}
