//! The parts that all kinds of bearer tokens share.

use axum::http::{header, request};

use super::VisibleProjects;

/// The name in a list that stands for all projects.
const ALL: &str = "*";

/// Returns the token of an `Authorization: Bearer …` header.
pub(crate) fn bearer(request: &request::Parts) -> Option<&str> {
    let value = request.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}

/// Returns true if the list names the project, or has `*`, which stands for all.
#[cfg(any(feature = "jwt", feature = "tokens"))]
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
