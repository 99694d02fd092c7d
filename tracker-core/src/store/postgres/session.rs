//! A connection of the pool, with what its session is set to: [`Session`].
//!
//! A page whose plan is kept runs by itself, in one message. What other statements set for their
//! transaction, with a BEGIN before and a COMMIT behind them, is set once for its session. Every
//! transaction undoes this first, and so does whoever changes something without one. They meet the
//! settings of the role.

use std::{
    ops::Deref,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use deadpool::managed::{self, Metrics, RecycleResult};
use deadpool_postgres::{ClientWrapper, Manager};
use tokio_postgres::Error;

/// Undoes the settings of kept plans, which are the only ones that a session of the pool has for
/// longer than a transaction. Those of the role and of the connection string stay.
const RESET: &str = "RESET ALL";

/// Returns a time limit in milliseconds, from 1, because 0 means none, to the server's greatest.
pub(super) fn milliseconds(limit: Duration) -> i32 {
    i32::try_from(limit.as_millis()).unwrap_or(i32::MAX).max(1)
}

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

    /// Makes the settings of kept plans. The first poll sends them. After an error they have to be
    /// [reset](Self::reset).
    pub(super) async fn set(&self, settings: &str) -> Result<(), Error> {
        self.has_settings.store(true, Ordering::Relaxed);
        self.client.batch_execute(settings).await
    }

    /// Undoes the settings of kept plans, if it has them. The first poll sends that, so statements
    /// that are sent next need not wait for the answer. After an error the connection must be
    /// closed.
    pub(super) async fn reset(&self) -> Result<(), Error> {
        if self.has_settings.swap(false, Ordering::Relaxed) {
            self.client.batch_execute(RESET).await?;
        }
        Ok(())
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
