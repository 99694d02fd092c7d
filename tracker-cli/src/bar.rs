//! The progress of a long command, on stderr if that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// The interval at which a bar moves although nothing was counted.
const TICK: Duration = Duration::from_millis(100);

const TO_TOTAL: &str = "{wide_bar} {human_pos}/{human_len} {eta}";
const COUNT: &str = "{spinner} {human_pos}";

/// A bar up to a total, or a count as long as the total is unknown. Dropping it removes it.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(total: Option<u64>) -> Self {
        let bar = Self(ProgressBar::new_spinner());
        bar.show(COUNT);
        if let Some(total) = total {
            bar.set(0, total);
        }
        bar.0.enable_steady_tick(TICK);
        bar
    }

    /// Shows the progress and the total, both of which can change. A total of 0 is unknown.
    pub(crate) fn set(&self, done: u64, total: u64) {
        if total > 0 && self.0.length() != Some(total) {
            self.0.set_length(total);
            self.show(TO_TOTAL);
        }
        self.0.set_position(done);
    }

    fn show(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
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
