//! Which tracker `#[tracked]` records with: the one of the innermost [scope](Tracker::scope), else the
//! [installed](Tracker::install) one.

use std::{
    fmt,
    future::Future,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use thiserror::Error;
use tokio::task_local;

use super::Tracker;

static INSTALLED: OnceLock<Tracker> = OnceLock::new();

task_local! {
    static SCOPED: Tracker;
}

impl Tracker {
    /// Makes this the tracker of the process, for good, and returns a handle to it.
    ///
    /// # Errors
    ///
    /// When another one has been installed: the error gives this one back, still running. Two
    /// installations at the same time have one winner.
    pub fn install(self) -> Result<Self, AlreadyInstalled> {
        match INSTALLED.set(self.clone()) {
            Ok(()) => Ok(self),
            Err(tracker) => Err(AlreadyInstalled(tracker)),
        }
    }

    /// The tracker that the running task records with: that of the innermost scope, else the
    /// installed one.
    #[must_use]
    pub fn current() -> Option<Self> {
        SCOPED
            .try_with(Self::clone)
            .ok()
            .or_else(|| INSTALLED.get().cloned())
    }

    /// Runs `future` so that what it records goes to this tracker, whichever is installed.
    ///
    /// Tests use it to look at their own activities only, and a process with several tenants to
    /// keep theirs apart. It does not follow into tasks that `future` spawns.
    ///
    /// ```
    /// use tracker_core::{MemoryStore, Tracker, tracked};
    ///
    /// #[tracked(action = "deployment")]
    /// async fn deploy(user_id: &str) -> Result<(), std::fmt::Error> {
    ///     Ok(())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = MemoryStore::new();
    /// let tracker = Tracker::builder().store(store.clone()).build()?;
    /// tracker.scope(deploy("user_1")).await?;
    /// tracker.flush().await;
    /// assert_eq!(store.activities()[0].user_id.as_deref(), Some("user_1"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn scope<F: Future>(&self, future: F) -> impl Future<Output = F::Output> {
        SCOPED.scope(self.clone(), future)
    }
}

/// Calls `f` with the [current](Tracker::current) tracker, not cloned. Without one it warns, once in
/// the process, and does not call it.
pub(crate) fn with_current(f: impl FnOnce(&Tracker)) {
    let mut f = Some(f);
    let scoped = SCOPED.try_with(|tracker| f.take().map(|f| f(tracker)));
    if scoped.is_ok() {
        return;
    }
    match (INSTALLED.get(), f) {
        (Some(tracker), Some(f)) => f(tracker),
        _ => warn_not_installed(),
    }
}

/// Says once that activities go nowhere.
#[cold]
fn warn_not_installed() {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if !WARNED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "activities are not recorded: no tracker is installed; build one when the program starts and call `install()`"
        );
    }
}

/// Another tracker has been installed before.
#[derive(Error)]
#[error(
    "a tracker is installed already: install once per process, and use `Tracker::scope` for a second one"
)]
pub struct AlreadyInstalled(Tracker);

impl AlreadyInstalled {
    /// The tracker that was not installed.
    #[must_use]
    pub fn into_inner(self) -> Tracker {
        self.0
    }
}

impl fmt::Debug for AlreadyInstalled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AlreadyInstalled").field(&self.0).finish()
    }
}
