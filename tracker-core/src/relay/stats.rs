//! The counts of a relay: [`RelayStats`].

use std::sync::atomic::{AtomicU64, Ordering};

/// The counts of a relay since it was built, and the number of messages left in its stream.
///
/// `received = stored + dead_lettered + under way + nakked`. A message that is delivered again is
/// received again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayStats {
    /// Messages that the stream has delivered.
    pub received: u64,
    /// The received messages that had been delivered before, to this relay or another.
    pub redelivered: u64,
    /// Activities that are in the store.
    pub stored: u64,
    /// Messages that are in the stream of dead letters.
    pub dead_lettered: u64,
    /// Messages that were given back to the stream.
    pub given_back: u64,
    /// Messages in the stream that no relay has yet, some seconds ago: the lag.
    pub waiting: u64,
    /// Messages that relays have and have not acknowledged, some seconds ago.
    pub unacknowledged: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counts {
    received: AtomicU64,
    redelivered: AtomicU64,
    stored: AtomicU64,
    dead_lettered: AtomicU64,
    given_back: AtomicU64,
    waiting: AtomicU64,
    unacknowledged: AtomicU64,
}

impl Counts {
    pub(super) fn received(&self, is_again: bool) {
        self.received.fetch_add(1, Ordering::Relaxed);
        if is_again {
            self.redelivered.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn stored(&self, rows: u64) {
        self.stored.fetch_add(rows, Ordering::Relaxed);
    }

    /// Returns how many there are now.
    pub(super) fn dead_lettered(&self) -> u64 {
        self.dead_lettered.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn count_nak(&self) {
        self.given_back.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn look(&self, waiting: u64, unacknowledged: usize) {
        self.waiting.store(waiting, Ordering::Relaxed);
        self.unacknowledged
            .store(unacknowledged as u64, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> RelayStats {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        RelayStats {
            received: read(&self.received),
            redelivered: read(&self.redelivered),
            stored: read(&self.stored),
            dead_lettered: read(&self.dead_lettered),
            given_back: read(&self.given_back),
            waiting: read(&self.waiting),
            unacknowledged: read(&self.unacknowledged),
        }
    }
}
