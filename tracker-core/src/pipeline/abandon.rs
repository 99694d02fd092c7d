//! Giving up what can't be written any more: [`abandon`].

use std::thread;

use super::queue::Queue;
use crate::panics::quietly;

/// Gives up what is queued, and says why it is lost.
pub(crate) fn abandon(queue: &Queue) {
    let reason = given_up_because();
    let rows = queue.abandon(reason);
    if rows > 0 {
        quietly(|| tracing::error!(rows, "activities are lost: {reason}"));
    }
}

/// Why activities are given up now.
pub(super) fn given_up_because() -> &'static str {
    if thread::panicking() {
        "the thread that writes them has panicked"
    } else {
        "the deadline of the shutdown came before they were written"
    }
}
