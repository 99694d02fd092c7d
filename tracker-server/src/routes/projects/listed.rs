//! A page of the list of projects: [`Listed`].

use tracker_core::timeline::ProjectSummary;

/// A page of projects.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) summaries: Vec<ProjectSummary>,
    /// The cursor of the next page. It names no project that the reader may not see.
    pub(super) next: Option<String>,
}
