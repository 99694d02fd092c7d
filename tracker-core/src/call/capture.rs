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

/// Takes a text that was read at the entry.
pub fn take<const N: usize>(entry: &mut Entry<N>, position: usize) -> Option<String> {
    entry.as_mut()?.get_mut(position)?.take()
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
