//! The knobs of a relay: [`Settings`].

use std::time::Duration;

/// The settings of a builder.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) batch_rows: usize,
    pub(super) connect_timeout: Duration,
    pub(super) answer_timeout: Duration,
    pub(super) end_deadline: Duration,
}
