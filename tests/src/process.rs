//! Processes, and waiting for them.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

/// The interval of [`wait_until`]'s looks.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Returns true if process `id` exists and runs. An ended process that its parent has not yet
/// collected (a zombie) does not run.
#[must_use]
pub fn is_running(id: u32) -> bool {
    let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else {
        return false;
    };
    // `12 (name) S …`: the name may hold anything, parentheses too, so the state is what follows
    // the last one.
    !matches!(
        stat.rsplit_once(") ").map(|(_, rest)| rest.chars().next()),
        None | Some(None | Some('Z' | 'X'))
    )
}

/// Blocks until `condition` holds.
///
/// # Panics
///
/// If it still does not hold after `limit`; the message says that `what` did not happen.
#[track_caller]
pub fn wait_until(limit: Duration, what: &str, condition: impl FnMut() -> bool) {
    assert!(
        holds_within(limit, condition),
        "did not happen within {limit:?}: {what}"
    );
}

/// Blocks until `condition` holds or `limit` has passed. Returns true if it holds.
pub(crate) fn holds_within(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    while !condition() {
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(POLL_INTERVAL);
    }
    true
}
