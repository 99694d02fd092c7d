//! Watches a file by polling, because SQLite has no notifications.

use std::time::Duration;

use super::{arrivals, handle::SqliteStore};
use crate::store::{BoxFuture, StoreError, Watch};

/// The interval of polling; a poll takes some microseconds.
const INTERVAL: Duration = Duration::from_millis(100);

/// Polls for writes by other connections, and for a replaced file.
pub(super) struct Polling {
    pub(super) store: SqliteStore,
    /// The number of openings of the file, and the version of its data, at the last poll.
    pub(super) seen: Option<(u64, i64)>,
}

impl Watch for Polling {
    fn changed(&mut self) -> BoxFuture<'_, Result<Option<i64>, StoreError>> {
        Box::pin(async move {
            loop {
                let store = &self.store;
                let version = store.reading(arrivals::version).await?;
                let seen = (store.shared.connections.openings(), version);
                if self.seen.replace(seen) != Some(seen) {
                    return Ok(Some(i64::MIN));
                }
                futures_timer::Delay::new(INTERVAL).await;
            }
        })
    }

    fn finds_any_age(&self) -> bool {
        true
    }
}
