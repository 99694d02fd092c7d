//! A page of the list of projects: [`Listed`].

use tracker_core::timeline::ProjectSummary;

/// A page of projects.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) summaries: Vec<ProjectSummary>,
    /// The ID after which the next page begins. It is one of those that the reader may see.
    pub(super) next: Option<String>,
}
