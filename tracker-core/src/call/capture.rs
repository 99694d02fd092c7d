//! Values that are read at the function's entry, since the body may move or change them.

use std::panic::Location;

use crate::panics::caught;

/// Reads a value at the function's entry; a panic in it is logged and gives `None`.
#[track_caller]
pub fn capture<T>(read: impl FnOnce() -> Option<T>) -> Option<T> {
    caught(Location::caller(), read)
}

/// The texts that are read at the entry; `None` where nothing will be recorded.
pub type Entry<const N: usize> = Option<Box<[Option<String>; N]>>;

/// A text that was read at the entry.
#[must_use]
pub fn entry_text<const N: usize>(entry: &Entry<N>, position: usize) -> Option<&str> {
    entry.as_ref()?.get(position)?.as_deref()
}

/// Returns whether there may be a tracker to record with. It is asked before anything else is done,
/// so that a program without one pays for nothing more.
#[inline]
#[must_use]
pub fn may_record() -> bool {
    crate::tracker::may_record()
}

/// Returns whether there is a tracker to record with.
#[must_use]
pub fn is_recording() -> bool {
    crate::tracker::is_recording()
}
