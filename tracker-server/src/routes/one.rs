//! One activity.

use axum::{extract::State, http::HeaderMap, response::Response};

use super::list::to_json;
use crate::{
    activity::ActivityBody,
    etag::tagged,
    problem::Problem,
    state::{ActionId, App, Project},
};

/// Read one activity
#[utoipa::path(
    get,
    path = "/api/projects/{project_id}/activities/{action_id}",
    tag = "activities",
    params(
        ("project_id" = String, Path, description = "The project."),
        ("action_id" = String, Path, description = "The activity's ID."),
    ),
    responses(
        (status = 200, description = "The activity.", body = ActivityBody),
        (status = 304, description = "The activity is as `If-None-Match` names it."),
        (status = 401, description = "No token, or one that is not valid here.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is none of this ID in a project that you can see.", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests.", body = Problem, content_type = "application/problem+json"),
        (status = 431, description = "The head of the request has more than 64 KiB."),
        (status = 503, description = "The store can't be read at the moment.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(crate) async fn one(
    State(app): State<App>,
    Project(project_id): Project,
    ActionId(action_id): ActionId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let activity = app.store.activity(&project_id, &action_id).await?;
    let activity = activity.ok_or_else(Problem::not_found)?;
    let body = ActivityBody::new(activity, &app.labels);
    Ok(tagged(&headers, "application/json", to_json(&body)))
}
