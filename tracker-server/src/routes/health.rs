//! The probes: liveness of the process, and readiness of the store.

use axum::extract::State;
use tracker_core::timeline::Query;

use crate::{problem::Problem, state::App};

/// Tell that the process lives
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/healthz",
    operation_id = "checkLiveness",
    tag = "operation",
    security(()),
    responses((status = 200, description = "It does.", body = String)),
)
)]
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// Tell whether activities can be read
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/readyz",
    operation_id = "checkReadiness",
    tag = "operation",
    security(()),
    responses(
        (status = 200, description = "They can.", body = String),
        (status = 429, description = "Too many requests.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "They can't at the moment.", body = Problem, content_type = "application/problem+json"),
    ),
)
)]
pub(crate) async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    // A page of a project without activities needs the grants of a reader, and no more.
    app.store.timeline(Query::project("").limit(1)).await?;
    Ok("ok\n")
}
