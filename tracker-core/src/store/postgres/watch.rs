//! Notifications of new rows by LISTEN and NOTIFY.
//!
//! A writer announces the earliest time of its batch after the commit. Within the transaction,
//! NOTIFY would make the commits of all writers wait for each other. Rows written by other programs
//! or on a caller's own client are not announced.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;
use tokio_postgres::{
    Client,
    types::{ToSql, Type},
};

use super::{
    engine::{self, Engine, Feature},
    error::PostgresError,
};
use crate::store::{Batch, StoreError};

/// Notifies the channel that stores listen to; the message is a time and the schema.
pub(super) const NOTIFY: &str = "SELECT pg_notify('project_actions', $1)";

/// Announces that these rows are in the table. A failure is not an error of writing.
pub(super) async fn tell(client: &Client, engine: &Engine, schema: &str, batch: &Batch) {
    // Nobody listens to a session that all clients share.
    if engine.lacks(Feature::Notify) || engine.lacks(Feature::OwnSessions) {
        return;
    }
    let earliest = batch.iter().filter_map(|row| row.created_at).min();
    let message = format!("{} {schema}", earliest.unwrap_or(i64::MAX));
    let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&message, Type::TEXT)];
    let told = client.query_typed(NOTIFY, &parameters).await;
    match told.map_err(PostgresError::from) {
        Ok(_) => {}
        Err(error) if engine::is_lack(&error) => {
            engine.found_lacking(Feature::Notify, &error.to_string());
        }
        Err(error) => {
            tracing::debug!(%error, "those who watch the table are not told of new rows");
        }
    }
}

/// Notifications that were received and not taken yet.
#[derive(Default)]
pub(super) struct News {
    pending: Mutex<Pending>,
    notify: Notify,
    is_listening: AtomicBool,
}

#[derive(Default)]
struct Pending {
    /// True if rows may have arrived without a notification.
    may_have_come: bool,
    /// The earliest time of the announced rows.
    earliest: Option<i64>,
    ended: Option<StoreError>,
}

impl News {
    /// Takes in a writer's message, if it is about this schema.
    pub(super) fn hear(&self, message: &str, schema: &str) {
        if let Some((earliest, of)) = message.split_once(' ')
            && of == schema
            && let Ok(earliest) = earliest.parse()
        {
            self.add(earliest);
        }
    }

    /// Records that rows of any time may have arrived.
    pub(super) fn may_have_come(&self) {
        self.change(|pending| pending.may_have_come = true);
    }

    /// Records that rows written from now on are announced.
    pub(super) fn started_listening(&self) {
        self.is_listening.store(true, Ordering::Release);
    }

    pub(super) fn end(&self, error: StoreError) {
        self.change(|pending| pending.ended = Some(error));
    }

    fn add(&self, earliest: i64) {
        self.change(|pending| {
            pending.earliest = Some(
                pending
                    .earliest
                    .map_or(earliest, |before| before.min(earliest)),
            );
        });
    }

    fn change(&self, change: impl FnOnce(&mut Pending)) {
        change(&mut self.pending());
        self.notify.notify_one();
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn next(&self) -> Result<Option<i64>, StoreError> {
        loop {
            if let Some(news) = self.take() {
                return news;
            }
            self.notify.notified().await;
        }
    }

    fn take(&self) -> Option<Result<Option<i64>, StoreError>> {
        let mut pending = self.pending();
        if let Some(error) = pending.ended.take() {
            Some(Err(error))
        } else if mem::take(&mut pending.may_have_come) {
            Some(Ok(None))
        } else {
            pending.earliest.take().map(|earliest| Ok(Some(earliest)))
        }
    }
}

/// A listening connection, which is closed on drop.
pub(super) struct Listener {
    pub(super) news: Arc<News>,
    pub(super) _work: crate::store::background::AbortOnDrop<()>,
}

impl crate::store::Watch for Listener {
    fn changed(&mut self) -> crate::store::BoxFuture<'_, Result<Option<i64>, StoreError>> {
        Box::pin(self.news.next())
    }

    fn is_listening(&self) -> bool {
        self.news.is_listening.load(Ordering::Acquire)
    }
}
