//! A connection of the pool, with what its session is set to: [`Session`].
//!
//! A page whose plan is kept runs by itself, in one message. What other statements set for their
//! transaction, with a BEGIN before and a COMMIT behind them, is set once for its session. Whoever
//! sends another statement undoes this first, as `transaction::open` does, so that it meets the
//! settings of the role.

use std::{
    ops::Deref,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use deadpool::managed::{self, Metrics, RecycleResult};
use deadpool_postgres::{ClientWrapper, Manager};
use futures_util::FutureExt as _;
use tokio_postgres::Error;

use super::transaction::milliseconds;

/// Undoes the settings of kept plans. It is sent as one message, so it runs in one transaction.
const RESET: &str = "RESET statement_timeout; RESET default_transaction_isolation; \
    RESET default_transaction_read_only; RESET enable_sort; RESET jit; RESET plan_cache_mode";

/// Returns the SQL of the settings of kept plans, for statements that may take at most `limit`.
///
/// They are those of a transaction that reads rows in order, as `transaction` explains them, and
/// they make the server keep one plan for all values.
pub(super) fn settings_of_kept_plans(limit: Duration) -> String {
    let ms = milliseconds(limit);
    format!(
        "SET statement_timeout = {ms}; \
         SET default_transaction_isolation = 'read committed'; \
         SET default_transaction_read_only = on; \
         SET enable_sort = off; SET jit = off; SET plan_cache_mode = force_generic_plan"
    )
}

/// A connection of the pool.
#[derive(Debug)]
pub(super) struct Session {
    client: ClientWrapper,
    /// True if the session has, or may have, the settings of kept plans.
    has_settings: AtomicBool,
}

impl Session {
    /// Returns whether the session has the settings of kept plans.
    pub(super) fn has_settings(&self) -> bool {
        self.has_settings.load(Ordering::Relaxed)
    }

    /// Makes the settings of kept plans. The first poll sends them. After an error, none is made.
    pub(super) async fn set(&self, settings: &str) -> Result<(), Error> {
        self.has_settings.store(true, Ordering::Relaxed);
        self.client.batch_execute(settings).await
    }

    /// Undoes the settings of kept plans, before whatever is sent next. The answer is not awaited:
    /// the statement fails only with the connection, or in a transaction that has failed.
    pub(super) fn reset(&self) {
        if self.has_settings.swap(false, Ordering::Relaxed) {
            let _ = self.client.batch_execute(RESET).now_or_never();
        }
    }
}

impl Deref for Session {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        &self.client
    }
}

/// Makes the sessions of a pool.
#[derive(Debug)]
pub(super) struct SessionManager(pub(super) Manager);

impl managed::Manager for SessionManager {
    type Type = Session;
    type Error = Error;

    async fn create(&self) -> Result<Session, Error> {
        Ok(Session {
            client: self.0.create().await?,
            has_settings: AtomicBool::new(false),
        })
    }

    async fn recycle(&self, session: &mut Session, metrics: &Metrics) -> RecycleResult<Error> {
        self.0.recycle(&mut session.client, metrics).await
    }

    fn detach(&self, session: &mut Session) {
        self.0.detach(&mut session.client);
    }
}
