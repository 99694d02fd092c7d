//! The part of a project that a request may read: [`Reach`].

use tracker_core::{Activity, timeline::Filter};

use crate::problem::Problem;

/// A project, as far as a request may read it.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    project_id: String,
    /// The activities that a link lets through, if the request comes with one.
    confined_to: Option<Filter>,
}

impl Reach {
    /// Creates the reach of a request that may read all of a project.
    pub(crate) fn whole(project_id: impl Into<String>) -> Self {
        Self {
            project_id: project_id.into(),
            confined_to: None,
        }
    }

    /// Creates the reach of a request that may read what a filter of the project lets through.
    pub(crate) fn confined_to(project_id: impl Into<String>, filter: Filter) -> Self {
        Self {
            project_id: project_id.into(),
            confined_to: Some(filter),
        }
    }

    pub(crate) fn project_id(&self) -> &str {
        &self.project_id
    }

    /// Returns true if the request comes with a link, which confines it.
    pub(crate) fn is_confined(&self) -> bool {
        self.confined_to.is_some()
    }

    /// Returns the part of a filter that is within the reach.
    pub(crate) fn within(&self, filter: Filter) -> Result<Filter, Problem> {
        let Some(confined_to) = &self.confined_to else {
            return Ok(filter);
        };
        let detail = "must contain the text to which this link is confined";
        let within = filter.and(confined_to);
        within.ok_or_else(|| Problem::parameter("q", detail))
    }

    /// Returns true if the activity is within the reach.
    pub(crate) fn has(&self, activity: &Activity) -> bool {
        let confined_to = self.confined_to.as_ref();
        confined_to.is_none_or(|filter| filter.matches(activity))
    }
}
