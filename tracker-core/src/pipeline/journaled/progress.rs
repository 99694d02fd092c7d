//! The progress of bringing the journal to the store, for those who wait for it: [`Progress`].

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{Notify, watch};

/// The count of what this process has put into its journal, and of what has left it again, in the
/// same order.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    appended: AtomicU64,
    drained: watch::Sender<u64>,
    /// The count up to which somebody waits.
    wanted: AtomicU64,
    /// Wakes whoever drains it.
    wake: Notify,
}

impl Progress {
    /// Waits until all that is in the journal now is in the store, or put aside.
    pub(crate) async fn all_drained(&self) {
        let target = self.appended.load(Ordering::SeqCst);
        self.wanted.fetch_max(target, Ordering::SeqCst);
        self.wake.notify_one();
        // The sender is a field of `self`, so waiting can't fail.
        let _ = self
            .drained
            .subscribe()
            .wait_for(|drained| *drained >= target)
            .await;
    }

    /// Says that nobody drains it any more.
    pub(crate) fn end(&self) {
        self.drained.send_replace(u64::MAX);
    }

    /// Counts activities that were put into the journal.
    #[cfg(feature = "journal")]
    pub(in crate::pipeline) fn appended(&self, rows: u64) {
        self.appended.fetch_add(rows, Ordering::SeqCst);
        self.wake.notify_one();
    }

    /// Says that as many of them need no delivery any more, in the order in which they were put
    /// there.
    #[cfg(feature = "journal")]
    pub(in crate::pipeline) fn drained_to(&self, rows: u64) {
        self.drained
            .send_modify(|drained| *drained = rows.max(*drained));
    }

    /// Returns whether somebody waits for what is in the journal.
    #[cfg(feature = "journal")]
    pub(in crate::pipeline) fn is_hurried(&self) -> bool {
        self.wanted.load(Ordering::SeqCst) > *self.drained.borrow()
    }

    /// Wakes whoever drains it.
    #[cfg(feature = "journal")]
    pub(in crate::pipeline) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Waits for news.
    #[cfg(feature = "journal")]
    pub(in crate::pipeline) async fn news(&self) {
        self.wake.notified().await;
    }
}
