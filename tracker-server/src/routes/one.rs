//! A single activity.

use axum::{extract::State, http::HeaderMap, response::Response};

use crate::{
    activity::ActivityBody,
    etag::tagged_json,
    permission::Project,
    problem::Problem,
    state::{ActionId, App},
};

/// Read one activity
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/activities/{action_id}",
    operation_id = "getActivity",
    tag = "activities",
    params(
        ("project_id" = String, Path, description = "The project."),
        ("action_id" = String, Path, description = "The activity's ID."),
    ),
    responses(
        (status = 200, description = "The activity.", body = ActivityBody),
        (status = 304, description = "The activity is as `If-None-Match` names it."),
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn one(
    State(app): State<App>,
    Project(reach): Project,
    ActionId(action_id): ActionId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let activity = app.store.activity(reach.project_id(), &action_id).await?;
    let activity = activity.filter(|activity| reach.has(activity));
    let activity = activity.ok_or_else(Problem::not_found)?;
    let body = ActivityBody::new(activity, &app.labels);
    Ok(tagged_json(&headers, &body))
}
