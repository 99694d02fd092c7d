//! Prints activities, for people or for programs: [`Printer`].

use clap::Args;
use tracker_core::Activity;

use super::{
    output::{Output, OutputError},
    table::Layout,
};

/// The form in which activities are printed.
#[derive(Args, Clone, Copy)]
pub(crate) struct FormArguments {
    /// As JSON, one activity on each line, in a terminal too
    #[arg(long)]
    json: bool,
    /// As a table, in a pipe or a file too, where no text is cut
    #[arg(long, conflicts_with = "json")]
    table: bool,
}

/// Prints a table in a terminal, and elsewhere a line of JSON for each activity.
pub(crate) struct Printer {
    output: Output,
    is_json: bool,
    /// True if the activities can be of several projects.
    of_all: bool,
    layout: Option<Layout>,
}

impl Printer {
    pub(crate) fn new(form: FormArguments, of_all: bool) -> Self {
        Self {
            output: Output::new(),
            is_json: form.json || !(form.table || Output::is_terminal()),
            of_all,
            layout: None,
        }
    }

    /// Returns true if people read the output.
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
            let layout = Layout::for_output(activities, Output::is_terminal(), self.of_all);
            self.output.text(&layout.header())?;
            self.layout.insert(layout)
        };
        self.output.text(&layout.rows(activities))?;
        self.output.flush()
    }
}
