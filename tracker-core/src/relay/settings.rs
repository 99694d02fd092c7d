//! The knobs of a relay: [`Settings`].

use std::time::Duration;

/// What a builder sets.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) batch_rows: usize,
    pub(super) connect_timeout: Duration,
    pub(super) answer_timeout: Duration,
    pub(super) end_deadline: Duration,
}
