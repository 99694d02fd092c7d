//! The tracker that `#[tracked]` records with: the one of the innermost [scope](Tracker::scope),
//! else the [installed](Tracker::install) one.

use std::{
    fmt,
    future::Future,
    ops::Deref,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
};

use futures_util::future::Either;
use thiserror::Error;
use tokio::{task::futures::TaskLocalFuture, task_local};

use super::handle::Tracker;
use crate::panics::quietly;

static INSTALLED: OnceLock<Tracker> = OnceLock::new();

task_local! {
    static SCOPED: Tracker;
}

impl Tracker {
    /// Makes this the tracker of the process, for good.
    ///
    /// Keep the result until the program ends: dropping it shuts the tracker down.
    ///
    /// # Errors
    ///
    /// Returns an error if another tracker is installed already. The error gives this one back,
    /// still running. Of two calls at the same time, one succeeds.
    pub fn install(self) -> Result<Installed, AlreadyInstalled> {
        match INSTALLED.set(self.clone()) {
            Ok(()) => {
                tracing::debug!(
                    store = self.inner.store.describe(),
                    "a tracker is installed"
                );
                Ok(Installed(self))
            }
            Err(tracker) => Err(AlreadyInstalled(tracker)),
        }
    }

    /// Returns the tracker that the running task records with: that of the innermost scope, else
    /// the installed one.
    #[must_use]
    pub fn current() -> Option<Self> {
        SCOPED
            .try_with(Self::clone)
            .ok()
            .or_else(|| INSTALLED.get().cloned())
    }

    /// Runs `future` with this tracker as the current one, whichever is installed.
    ///
    /// A test then sees its own activities alone. A process with several tenants keeps theirs
    /// apart. A task that `future` spawns is outside the scope, unless
    /// [`ContextExt`](crate::ContextExt) passes the scope on.
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
    pub fn scope<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        in_scope(self.clone(), future)
    }
}

/// A handle to the installed tracker, whose drop shuts the tracker down.
///
/// So `main` delivers what was recorded, whether it is left by its end, by `?` or by a panic. The
/// builder's [`drop_deadline`](crate::TrackerBuilder::drop_deadline) limits the wait.
/// [`Tracker::shutdown`] does the same with a deadline of its own, does not block the thread, and
/// returns the counts. The drop then has nothing left to do. `exit`, `abort` and a kill end a
/// program without either.
#[derive(Debug)]
#[must_use = "the tracker shuts down when this is dropped: keep it until the program ends"]
pub struct Installed(Tracker);

impl Deref for Installed {
    type Target = Tracker;

    fn deref(&self) -> &Tracker {
        &self.0
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        self.0.inner.shut_down_and_wait();
    }
}

/// The tracker scope that the running task is in, if it is in one, to be entered elsewhere.
pub(crate) struct TrackerScope(Option<Tracker>);

/// A future in a tracker scope that was taken along; as it was, where there was none.
pub(crate) type InTrackerScope<F> = Either<TaskLocalFuture<Tracker, F>, F>;

impl TrackerScope {
    pub(crate) fn current() -> Self {
        Self(SCOPED.try_with(Tracker::clone).ok())
    }

    pub(crate) fn around<F: Future>(self, future: F) -> InTrackerScope<F> {
        match self.0 {
            Some(tracker) => Either::Left(in_scope(tracker, future)),
            None => Either::Right(future),
        }
    }

    pub(crate) fn enter<T>(self, f: impl FnOnce() -> T) -> T {
        match self.0 {
            Some(tracker) => {
                SCOPES.store(true, Ordering::Relaxed);
                SCOPED.sync_scope(tracker, f)
            }
            None => f(),
        }
    }
}

fn in_scope<F: Future>(tracker: Tracker, future: F) -> TaskLocalFuture<Tracker, F> {
    SCOPES.store(true, Ordering::Relaxed);
    SCOPED.scope(tracker, future)
}

/// True once there has been a scope. Until then nobody looks for one. Whoever is in one has seen it
/// made.
static SCOPES: AtomicBool = AtomicBool::new(false);

/// Tells whether there may be a tracker, as [`MAY_RECORD`] and what follows it say.
static PRESENCE: AtomicU8 = AtomicU8::new(MAY_RECORD);
/// Nothing is known: whoever asks first finds out, and says so once if there is no tracker.
const MAY_RECORD: u8 = 0;
/// It has been said that there is no tracker, and none has been built since.
const NEVER_BUILT: u8 = 1;
/// There has been a tracker.
const BUILT: u8 = 2;

/// Says that there is a tracker.
pub(super) fn built() {
    PRESENCE.store(BUILT, Ordering::Relaxed);
}

/// Returns whether it is worth while to look for a tracker: all that a call costs in a program that
/// has none.
#[inline]
pub(crate) fn may_record() -> bool {
    PRESENCE.load(Ordering::Relaxed) != NEVER_BUILT
}

/// Calls `f` with the [current](Tracker::current) tracker. Without one it warns, once in
/// the process, and does not call it.
#[inline]
pub(crate) fn with_current<T>(f: impl FnOnce(&Tracker) -> T) -> Option<T> {
    // Cloned, because `f` runs code of the user's, which may enter a scope.
    match scoped() {
        Some(scoped) => Some(f(&scoped)),
        None => installed().map(f),
    }
}

/// A tracker that may outlive the scope in which it was found.
#[derive(Clone, Debug)]
pub(crate) enum HeldTracker {
    /// The installed one, which is there for good.
    Installed,
    /// Another one.
    Own(Tracker),
}

impl HeldTracker {
    /// Holds the [current](Tracker::current) tracker, and warns like [`with_current`].
    pub(crate) fn current() -> Option<Self> {
        match scoped() {
            Some(scoped) => Some(Self::Own(scoped)),
            None => installed().map(|_| Self::Installed),
        }
    }

    pub(crate) fn tracker(&self) -> Option<&Tracker> {
        match self {
            Self::Installed => INSTALLED.get(),
            Self::Own(tracker) => Some(tracker),
        }
    }
}

#[inline]
fn scoped() -> Option<Tracker> {
    let is_sought = SCOPES.load(Ordering::Relaxed);
    is_sought.then(|| SCOPED.try_with(Tracker::clone).ok())?
}

#[inline]
fn installed() -> Option<&'static Tracker> {
    let installed = INSTALLED.get();
    if installed.is_none() {
        warn_not_installed();
    }
    installed
}

/// Returns whether there is a [current](Tracker::current) tracker.
pub(crate) fn is_recording() -> bool {
    may_record() && (INSTALLED.get().is_some() || SCOPED.try_with(|_| ()).is_ok())
}

/// Says once that activities go nowhere.
#[cold]
fn warn_not_installed() {
    static WARNED: AtomicBool = AtomicBool::new(false);
    // Looked at first: outside the scopes of a program without an installed tracker this is called
    // each time.
    if !WARNED.load(Ordering::Relaxed) && !WARNED.swap(true, Ordering::Relaxed) {
        let order = Ordering::Relaxed;
        // An error says that a tracker has been built.
        let _ = PRESENCE.compare_exchange(MAY_RECORD, NEVER_BUILT, order, order);
        quietly(|| {
            tracing::warn!(
                "activities are not recorded: no tracker is installed; build one when the program starts and call `install()`"
            );
        });
    }
}

/// The error of a second installation. The first tracker stays installed.
#[derive(Error)]
#[error(
    "a tracker is installed already: install once per process, and use `Tracker::scope` for a second one"
)]
pub struct AlreadyInstalled(Tracker);

impl AlreadyInstalled {
    /// Returns the tracker that was not installed. It is still running.
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

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::MemoryStore;

    #[test]
    fn what_runs_while_an_activity_is_made_can_enter_a_scope_of_its_own() {
        let [outer, inner] = ["outer", "inner"].map(|environment| {
            Tracker::builder()
                .store(MemoryStore::new())
                .environment(environment)
                .build()
                .unwrap()
        });
        let mut seen = None;
        let record = async {
            with_current(|_| seen = inner.scope(async { Tracker::current() }).now_or_never());
        };
        outer.scope(record).now_or_never().unwrap();
        let seen = format!("{seen:?}");
        assert!(seen.contains("inner"), "{seen}");
    }
}
