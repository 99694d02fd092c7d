//! The progress of a long command, on stderr if that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The interval at which a bar moves although nothing was counted.
const TICK: Duration = Duration::from_millis(100);

/// A bar up to a total, or a count if the total is unknown. Dropping it removes it.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(total: Option<u64>) -> Self {
        let (bar, template) = match total {
            Some(total) => (
                ProgressBar::new(total),
                "{wide_bar} {human_pos}/{human_len} {eta}",
            ),
            None => (ProgressBar::new_spinner(), "{spinner} {human_pos}"),
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self(bar)
    }

    /// Shows the progress and the total, both of which can change.
    pub(crate) fn set(&self, done: u64, total: u64) {
        self.0.set_length(total);
        self.0.set_position(done);
    }

    pub(crate) fn add(&self, count: u64) {
        self.0.inc(count);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
