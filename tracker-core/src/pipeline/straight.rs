//! The way without a journal: from the queue to the store.

use std::{pin::pin, sync::Arc};

use futures_util::{
    StreamExt,
    future::{Either, select},
    stream::unfold,
};
use uuid::ContextV7;

use super::{
    deliver::{Delivery, Fate},
    queue::{Held, Outcome, Queue},
    throttle::is_worth_a_line,
    writer::given_up_because,
};
use crate::{
    error_chain::ErrorChain,
    quietly::quietly,
    store::{Batch, StoreError},
};

/// How many batches are on their way at the same time: while the store makes one durable, it can work on the other.
pub(super) const BATCHES_AT_ONCE: usize = 2;

pub(crate) struct Straight {
    pub(crate) queue: Arc<Queue>,
    pub(crate) delivery: Delivery,
}

impl Straight {
    /// Works until the queue is closed and all of it is in the store, or until `given_up`; what is left then is lost.
    pub(super) async fn run(self, given_up: impl Future<Output = ()>) {
        let ids = ContextV7::new();
        let batches = unfold(&ids, async |ids| Some((self.next(ids).await?, ids)));
        let deliveries = batches.map(async |mut on_its_way| {
            let batch = on_its_way.batch.clone();
            let rows = batch.rows();
            self.delivery
                .deliver(batch, |part, fate| on_its_way.settle(part, &fate))
                .await;
            rows
        });
        // In the order of the batches, whichever is written first.
        let mut delivered = pin!(deliveries.buffered(BATCHES_AT_ONCE));
        let mut given_up = pin!(given_up);
        // At the deadline what is left counts as lost, when the thread ends.
        while let Either::Right((Some(rows), _)) = select(given_up.as_mut(), delivered.next()).await
        {
            self.queue.pass(rows);
        }
    }

    async fn next(&self, ids: &ContextV7) -> Option<OnItsWay<'_>> {
        let mut recorded = self.queue.next_batch().await?;
        let batch = recorded.take_activities(ids);
        self.queue.recycle(recorded);
        Some(OnItsWay {
            queue: &self.queue,
            batch,
            settled: 0,
        })
    }
}

/// A batch that is being delivered. What is not settled when this is dropped is given up.
struct OnItsWay<'a> {
    queue: &'a Queue,
    batch: Batch,
    /// How many of its rows are, which are the first ones.
    settled: usize,
}

impl OnItsWay<'_> {
    fn settle(&mut self, part: &Batch, fate: &Fate<'_>) {
        self.settled += part.activities().len();
        settle(self.queue, part, fate);
    }
}

impl Drop for OnItsWay<'_> {
    fn drop(&mut self) {
        let rest = self.batch.activities().get(self.settled..);
        for activity in rest.unwrap_or_default() {
            let reason = given_up_because();
            self.queue.lost_log().tell(&reason, || activity);
        }
    }
}

/// Counts what became of activities that are in memory alone, and says so where they are lost.
pub(super) fn settle(queue: &Queue, part: &Batch, fate: &Fate<'_>) {
    let Fate::Undeliverable(error) = *fate else {
        queue.settle(part.rows(), Held::Queued, Outcome::Stored);
        return;
    };
    let outcome = match error {
        StoreError::Refused { .. } => Outcome::Refused,
        _ => Outcome::StoreFailed,
    };
    let lost = queue.settle(part.rows(), Held::Queued, outcome);
    for activity in part.activities() {
        queue.lost_log().tell(&ErrorChain(error), || activity);
    }
    // A thousand rows that are refused one by one are ten lines.
    if is_worth_a_line(lost, part.rows()) {
        let first = part.activities().first();
        quietly(|| {
            tracing::error!(
                error = %ErrorChain(error),
                rows = part.rows(),
                lost,
                first_action_id = first.map(|activity| &*activity.action_id),
                "activities are lost: they could not be written"
            );
        });
    }
}
