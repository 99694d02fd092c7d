//! The lists of projects that bearer tokens are given.

use super::VisibleProjects;

/// The name in a list that stands for all projects.
const ALL: &str = "*";

/// Returns true if the list names the project, or has `*`, which stands for all.
pub(super) fn has_project(projects: &[String], project_id: &str) -> bool {
    projects
        .iter()
        .any(|project| project == ALL || project == project_id)
}

/// Returns the projects of the list.
pub(super) fn listed(projects: &[String]) -> VisibleProjects {
    if projects.iter().any(|project| project == ALL) {
        VisibleProjects::All
    } else {
        VisibleProjects::These(projects.to_vec())
    }
}
