//! The projects that a reader may see.

mod asked;
mod confined;
mod listed;
mod listing;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, request::Parts},
    response::Response,
};
use serde::Serialize;
use tracker_core::timeline::ProjectSummary;
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use self::{listed::Listed, listing::list};
use super::next_page::linked;
use crate::{
    etag::tagged_json,
    names::{Name, Named},
    parameters::parameters,
    problem::Problem,
    state::App,
};

/// A page of projects.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Projects))]
pub(crate) struct ProjectsBody {
    /// The projects, in the order of their IDs.
    projects: Vec<ProjectBody>,
    /// The place where the next page begins, for the parameter `cursor`.
    next_cursor: Option<String>,
}

/// A project that has activities. Its numbers are up to half a minute old.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Project))]
pub(crate) struct ProjectBody {
    /// The project's ID.
    project_id: String,
    /// The name by which people know it.
    label: Option<String>,
    /// The address of a small picture.
    picture: Option<String>,
    /// The address of a page about it.
    link: Option<String>,
    /// When the newest activity was, in milliseconds since the Unix epoch; `null` if no activity
    /// has a time.
    last_activity_at: Option<i64>,
    /// The number of activities of the last 30 days.
    activities_30_days: u64,
    /// The number of those that failed, panicked or were cancelled.
    failures_30_days: u64,
    /// True if there are more: both numbers are then those of the newest 10,000 activities alone,
    /// or of the newest 1,000 for whoever has a link.
    is_capped: bool,
}

impl ProjectBody {
    fn new(summary: ProjectSummary, name: Name) -> Self {
        Self {
            project_id: summary.project_id,
            label: name.label,
            picture: name.picture,
            link: name.link,
            last_activity_at: summary.last_activity_at,
            activities_30_days: summary.activities,
            failures_30_days: summary.failures,
            is_capped: summary.is_capped,
        }
    }
}

parameters!(PROJECTS);

/// List projects
///
/// Those that have activities and that you can see, in the order of their IDs. A page looks at
/// 5,000 projects for a search, and for what you can see. It may therefore be short, or even empty,
/// and still have a `next_cursor`.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects",
    operation_id = "listProjects",
    tag = "projects",
    params(Parameters),
    responses(
        (status = 200, description = "A page.", body = ProjectsBody, headers(
            ("ETag" = String, description = "For `If-None-Match`."),
            ("Link" = String, description = "The next page, if there is one, as `rel=\"next\"`, relative to this one's address."),
        )),
        (status = 304, description = "The page is the one that `If-None-Match` names."),
        (status = 501, description = "The store of this server can't list projects.", body = Problem, content_type = "application/problem+json"),
        crate::problem::WrongParameter,
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn projects(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    request: Parts,
) -> Result<Response, Problem> {
    let values = Parameters::read(query.as_deref())?;
    let Listed { summaries, next } = list(&app, &request, &values.projects_query()).await?;
    let project = |summary: &ProjectSummary| Named::Project {
        id: summary.project_id.clone(),
    };
    let wanted = summaries.iter().map(project).collect();
    let mut names = app.names.find(&request, wanted).await;
    let projects = summaries.into_iter().map(|summary| {
        let name = names.remove(&project(&summary));
        ProjectBody::new(summary, name.unwrap_or_default())
    });
    let body = ProjectsBody {
        projects: projects.collect(),
        next_cursor: next,
    };
    let response = tagged_json(&headers, &body);
    let next = body.next_cursor.as_deref();
    Ok(linked(response, query.as_deref(), next))
}
