//! News by asking again and again, since an SQLite file tells nobody.

use std::time::Duration;

use super::{SqliteStore, timeline};
use crate::store::{BoxFuture, StoreError, Watch};

/// How often the file is asked, which takes some microseconds.
const INTERVAL: Duration = Duration::from_millis(100);

/// Asks whether another connection has written since.
pub(super) struct Polling {
    pub(super) store: SqliteStore,
    pub(super) version: Option<i64>,
}

impl Watch for Polling {
    fn changed(&mut self) -> BoxFuture<'_, Result<Option<i64>, StoreError>> {
        Box::pin(async move {
            loop {
                let store = &self.store;
                let version = store.reading(timeline::version).await?;
                if self.version.replace(version) != Some(version) {
                    return Ok(Some(i64::MIN));
                }
                futures_timer::Delay::new(INTERVAL).await;
            }
        })
    }
}
