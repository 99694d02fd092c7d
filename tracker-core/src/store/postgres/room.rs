//! The number of connections that a store may have now: [`Room`].
//!
//! The number is the configured maximum until the server refuses a connection because there are too
//! many of the role, the database or the server. From then on leases wait for the existing
//! connections. After [`GROW_AFTER`] the store asks for more again. Where all clients share one
//! session, the number is one for good.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout},
};

/// The time after a refusal until more connections are asked for again.
const GROW_AFTER: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(super) struct Room {
    places_max: usize,
    places: Arc<Semaphore>,
    taken_away: Mutex<TakenAway>,
}

/// Places that are withdrawn.
#[derive(Debug, Default)]
struct TakenAway {
    places: usize,
    /// The number of withdrawn places that are still in use.
    owed: usize,
    /// The time at which they become available again; `None` means never.
    until: Option<Instant>,
}

impl Room {
    pub(super) fn new(places_max: usize) -> Self {
        Self {
            places_max,
            places: Arc::new(Semaphore::new(places_max)),
            taken_away: Mutex::default(),
        }
    }

    /// Waits for a place for one connection; returns `None` if none becomes free within the limit.
    pub(super) async fn take(&self, limit: Duration) -> Option<OwnedSemaphorePermit> {
        self.grow();
        let taking = async {
            loop {
                // The semaphore is never closed.
                let place = Arc::clone(&self.places).acquire_owned().await.ok()?;
                let mut taken = self.taken_away();
                if taken.owed == 0 {
                    return Some(place);
                }
                taken.owed -= 1;
                place.forget();
            }
        };
        timeout(limit, taking).await.ok()?
    }

    /// Withdraws all places but one, for good.
    pub(super) fn leave_one(&self) {
        let mut taken = self.taken_away();
        let others = self.places_max - 1;
        taken.owed += others - taken.places;
        taken.places = others;
        taken.until = None;
    }

    /// Withdraws the place of a refused connection, unless it is the last one.
    pub(super) fn shrink(&self, place: OwnedSemaphorePermit) {
        let mut taken = self.taken_away();
        if taken.places + 1 < self.places_max {
            taken.places += 1;
            taken.until = Some(Instant::now() + GROW_AFTER);
            place.forget();
        }
    }

    fn grow(&self) {
        let mut taken = self.taken_away();
        if taken.until.is_some_and(|until| until <= Instant::now()) {
            self.places.add_permits(taken.places);
            *taken = TakenAway::default();
        }
    }

    fn taken_away(&self) -> MutexGuard<'_, TakenAway> {
        self.taken_away
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_refusal_costs_a_place_for_a_while_and_never_the_last_one() {
        let room = Room::new(3);
        let is_full = async || room.take(Duration::ZERO).await.is_none();
        let (kept, refused, another) = (
            room.take(Duration::ZERO).await,
            room.take(Duration::ZERO).await.unwrap(),
            room.take(Duration::ZERO).await.unwrap(),
        );
        room.shrink(refused);
        room.shrink(another);
        assert!(is_full().await);
        drop(kept);
        let last = room.take(Duration::ZERO).await.unwrap();
        assert!(is_full().await);
        room.shrink(last);
        let last = room.take(Duration::ZERO).await.unwrap();

        tokio::time::advance(GROW_AFTER).await;
        let (second, third) = (
            room.take(Duration::ZERO).await,
            room.take(Duration::ZERO).await,
        );
        assert!(second.is_some() && third.is_some());
        assert!(is_full().await);
        drop(last);
    }

    #[tokio::test(start_paused = true)]
    async fn of_a_shared_session_one_place_is_left_for_good_though_others_are_in_use() {
        let room = Room::new(3);
        let (first, second) = (
            room.take(Duration::ZERO).await,
            room.take(Duration::ZERO).await,
        );
        room.leave_one();
        assert!(room.take(Duration::ZERO).await.is_none());
        drop(first);
        assert!(room.take(Duration::ZERO).await.is_none());
        drop(second);
        let left = room.take(Duration::ZERO).await;
        assert!(left.is_some());
        tokio::time::advance(2 * GROW_AFTER).await;
        assert!(room.take(Duration::ZERO).await.is_none());
    }
}
