//! A row that fails alone, and what is done about it: [`Alone`].

use backon::ExponentialBackoff;
use tokio::time::Instant;

use super::{
    attempt::{Delivery, Standing},
    blame::Blame,
    fate::Fate,
};
use crate::store::StoreError;

/// What a delivery knows since it last wrote something.
pub(super) struct Alone<'a> {
    delivery: &'a Delivery,
    delays: ExponentialBackoff,
    /// How many writes the store had taken when it was looked at last.
    written: u64,
    /// Since when a row has been waited for in its place.
    since: Option<Instant>,
    is_waited_for: bool,
}

impl<'a> Alone<'a> {
    pub(super) fn new(delivery: &'a Delivery) -> Self {
        Self {
            delivery,
            delays: delivery.retry.delays(),
            written: delivery.written(),
            since: None,
            is_waited_for: false,
        }
    }

    /// How often the next attempt may fail.
    pub(super) fn retries_max(&self, retries_max: usize) -> usize {
        if self.is_waited_for {
            usize::MAX
        } else {
            retries_max
        }
    }

    /// What becomes of the row; `None` where it is waited for.
    pub(super) fn fate<'e>(
        &mut self,
        blame: Blame,
        error: &'e StoreError,
        standing: &Standing,
    ) -> Option<Fate<'e>> {
        let fate = match blame {
            Blame::Row | Blame::Unknown | Blame::Nobody => Some(Fate::Undeliverable(error)),
            Blame::Reference if standing.is_deferring() => {
                let limit = self.delivery.retry.deferral_max;
                let deferral = (!limit.is_zero()).then(|| self.delivery.deferrals.add(error));
                Some(match deferral.flatten() {
                    Some(deferral) => Fate::Deferred(deferral),
                    None => Fate::Undeliverable(error),
                })
            }
            Blame::Reference => {
                let since = *self.since.get_or_insert_with(Instant::now);
                let is_over = since.elapsed() >= self.delivery.retry.deferral_max;
                is_over.then_some(Fate::Undeliverable(error))
            }
            Blame::Circumstances | Blame::Store => {
                let deferral = standing
                    .is_deferring()
                    .then(|| self.delivery.deferrals.add(error));
                self.is_waited_for = true;
                deferral.flatten().map(Fate::Deferred)
            }
        };
        if fate.is_some() {
            self.since = None;
            self.is_waited_for = false;
        }
        fate
    }

    /// Leaves the store alone for a while, unless it has taken something since: then the row was to
    /// blame, and nothing else has to wait.
    pub(super) async fn pause(&mut self, standing: &Standing, error: StoreError) {
        let before = std::mem::replace(&mut self.written, self.delivery.written());
        if self.written == before || self.since.is_some() {
            self.delivery
                .wait_reachable(&mut self.delays, standing, error)
                .await;
        } else {
            self.delays = self.delivery.retry.delays();
        }
    }
}
