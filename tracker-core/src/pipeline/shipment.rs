//! The progress of bringing the journal to the store, for those who wait for it: [`Progress`].

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Notify, watch};

/// The count of what this process has put into its journal, and of what has left it again, in the
/// same order.
#[derive(Debug, Default)]
pub(crate) struct Shipment {
    journaled: AtomicU64,
    shipped: watch::Sender<u64>,
    /// The count up to which somebody waits.
    wanted: AtomicU64,
    /// Wakes whoever drains it.
    wake: Notify,
}

impl Shipment {
    /// Waits until all that is in the journal now is in the store, or put aside.
    pub(crate) async fn all_shipped(&self) {
        let target = self.journaled.load(Ordering::SeqCst);
        self.wanted.fetch_max(target, Ordering::SeqCst);
        self.wake.notify_one();
        // The sender is a field of `self`, so waiting can't fail.
        let _ = self
            .shipped
            .subscribe()
            .wait_for(|shipped| *shipped >= target)
            .await;
    }

    /// Says that nobody drains it any more.
    pub(crate) fn end(&self) {
        self.shipped.send_replace(u64::MAX);
    }

    /// Counts activities that were put into the journal.
    #[cfg(feature = "journal")]
    pub(super) fn journaled(&self, rows: u64) {
        self.journaled.fetch_add(rows, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// Says that as many of them need no delivery any more, in the order in which they were put
    /// there.
    #[cfg(feature = "journal")]
    pub(super) fn shipped_to(&self, rows: u64) {
        self.shipped
            .send_modify(|shipped| *shipped = rows.max(*shipped));
    }

    /// Returns whether somebody waits for what is in the journal.
    #[cfg(feature = "journal")]
    pub(super) fn is_hurried(&self) -> bool {
        self.wanted.load(Ordering::SeqCst) > *self.shipped.borrow()
    }

    /// Wakes whoever drains it.
    #[cfg(feature = "journal")]
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits for news.
    #[cfg(feature = "journal")]
    pub(super) async fn news(&self) {
        self.wake.notified().await;
    }
}
