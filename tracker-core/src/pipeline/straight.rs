//! The way without a journal: from the queue to the store.

use std::{pin::pin, sync::Arc};

use futures_util::future::{Either, select};
use uuid::ContextV7;

use super::{
    deliver::{Delivery, Fate},
    queue::{Held, Outcome, Queue},
};
use crate::{
    error_chain::ErrorChain,
    quietly::quietly,
    store::{Batch, StoreError},
};

pub(crate) struct Straight {
    pub(crate) queue: Arc<Queue>,
    pub(crate) delivery: Delivery,
}

impl Straight {
    /// Works until the queue is closed and all of it is in the store, or until `given_up`; what is left then is lost.
    pub(super) async fn run(self, given_up: impl Future<Output = ()>) {
        let ids = ContextV7::new();
        let mut given_up = pin!(given_up);
        let mut next = self.next(&ids).await;
        while let Some(batch) = next {
            let rows = batch.rows();
            let delivered = self
                .delivery
                .deliver(batch, |part, fate| settle(&self.queue, part, &fate));
            // The next batch is made while this one is on its way.
            let ahead = beside(delivered, self.next(&ids));
            match select(given_up.as_mut(), pin!(ahead)).await {
                // What is left counts as lost when the thread ends.
                Either::Left(_) => return,
                Either::Right((ahead, _)) => {
                    self.queue.pass(rows);
                    next = match ahead {
                        Some(ahead) => ahead,
                        None => self.next(&ids).await,
                    };
                }
            }
        }
    }

    async fn next(&self, ids: &ContextV7) -> Option<Batch> {
        let mut recorded = self.queue.next_batch().await?;
        let batch = recorded.take_activities(ids);
        self.queue.recycle(recorded);
        Some(batch)
    }
}

/// Awaits `work`; what `other` gives meanwhile, if it does.
pub(super) async fn beside<T>(
    work: impl Future<Output = ()>,
    other: impl Future<Output = T>,
) -> Option<T> {
    match select(pin!(work), pin!(other)).await {
        Either::Left(_) => None,
        Either::Right((given, work)) => {
            work.await;
            Some(given)
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
    // A thousand rows that are refused one by one are ten lines.
    if lost.is_power_of_two() {
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
