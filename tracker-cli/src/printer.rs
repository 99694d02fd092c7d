//! Prints activities, for people or for programs: [`Printer`].

use tracker_core::Activity;

use super::{
    output::{Output, OutputError},
    table::Layout,
};

/// Prints a table in a terminal, and elsewhere a line of JSON for each activity.
pub(crate) struct Printer {
    output: Output,
    is_json: bool,
    layout: Option<Layout>,
}

impl Printer {
    pub(crate) fn new(is_json: bool) -> Self {
        Self {
            output: Output::new(),
            is_json: is_json || !Output::is_terminal(),
            layout: None,
        }
    }

    /// Returns true if the output is a terminal.
    pub(crate) fn is_table(&self) -> bool {
        !self.is_json
    }

    /// Prints activities. The first ones decide the widths of the columns.
    pub(crate) fn print(&mut self, activities: &[Activity]) -> Result<(), OutputError> {
        if activities.is_empty() {
            return Ok(());
        }
        if self.is_json {
            for activity in activities {
                self.output.json(activity)?;
            }
            return self.output.flush();
        }
        let layout = if let Some(layout) = &self.layout {
            layout
        } else {
            let layout = Layout::for_terminal(activities);
            self.output.text(&layout.header())?;
            self.layout.insert(layout)
        };
        self.output.text(&layout.rows(activities))?;
        self.output.flush()
    }
}
