//! News by asking again and again, since an SQLite file tells nobody.

use std::time::Duration;

use super::{arrivals, handle::SqliteStore};
use crate::store::{BoxFuture, StoreError, Watch};

/// How often the file is asked, which takes some microseconds.
const INTERVAL: Duration = Duration::from_millis(100);

/// Asks whether another connection has written since, or the file is another one.
pub(super) struct Polling {
    pub(super) store: SqliteStore,
    /// How often the file had been opened, and what its version was.
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
}
