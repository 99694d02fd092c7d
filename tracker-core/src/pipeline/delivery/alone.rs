//! Handling of a row that fails when written on its own: [`Alone`].

use backon::ExponentialBackoff;
use tokio::time::Instant;

use super::{
    attempt::{Delivery, Standing},
    blame::Blame,
    fate::Fate,
};
use crate::store::StoreError;

/// The state of a delivery since its last successful write.
pub(super) struct Alone<'a> {
    delivery: &'a Delivery,
    delays: ExponentialBackoff,
    /// The number of successful writes to the store at the last check.
    written: u64,
    /// The time since which a row with a missing reference has been retried in place.
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

    /// Returns the number of retries that the next attempt may use.
    pub(super) fn retries_max(&self, retries_max: usize) -> usize {
        if self.is_waited_for {
            usize::MAX
        } else {
            retries_max
        }
    }

    /// Decides the fate of the row, or returns `None` if it is to be retried in place.
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

    /// Backs off, unless the store has accepted other writes since the last check: the row itself
    /// then caused the error, and nothing else has to wait.
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
