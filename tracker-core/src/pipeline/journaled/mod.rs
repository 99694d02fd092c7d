//! The way through the journal.
//!
//! Two loops on the writer's thread share the journal, which blocks the thread for some
//! microseconds a row. [`append`] puts what the queue holds into the journal, in groups, and never
//! waits for the store. [`drain`] brings it from the journal to the store, and removes what is
//! there. A third one looks each second whether the journal's [`files`] are still there.
//! [`progress`] tells those who wait how far the journal is drained.

#[cfg(feature = "journal")]
mod append;
#[cfg(feature = "journal")]
mod drain;
#[cfg(feature = "journal")]
mod files;
pub(crate) mod progress;
#[cfg(feature = "journal")]
mod work;

#[cfg(feature = "journal")]
pub(crate) use self::work::Journaled;
