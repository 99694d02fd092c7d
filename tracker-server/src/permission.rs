//! The permission of a request to see a project: [`Permission`].

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{extract::FromRequestParts, http::request::Parts};
use tokio::time::{sleep, timeout};

use crate::{
    authorize::{Authorize, Decision},
    problem::Problem,
    state::{App, path_parameter},
};

/// The longest wait for another decision. A permission ends without one.
const DECISION_MAX: Duration = Duration::from_secs(30);

/// A request that may see a project at present, kept for further decisions.
pub(crate) struct Permission {
    authorize: Arc<dyn Authorize>,
    request: Parts,
    project_id: String,
    /// The end of the permission, if the decision named one.
    until: Option<SystemTime>,
}

impl Permission {
    pub(crate) fn project_id(&self) -> &str {
        &self.project_id
    }

    /// Waits until the permission ends, which may be never. It is decided anew at this interval,
    /// and at the end that the last decision named.
    pub(crate) async fn over(mut self, again_every: Duration) {
        loop {
            let rest = self.until.map_or(Duration::MAX, left);
            sleep(rest.min(again_every)).await;
            let decision = self.authorize.decide(&self.request, &self.project_id);
            match timeout(DECISION_MAX, decision).await {
                Ok(Decision::Allowed) => self.until = None,
                Ok(Decision::AllowedUntil(until)) if !left(until).is_zero() => {
                    self.until = Some(until);
                }
                _ => return,
            }
        }
    }
}

impl FromRequestParts<App> for Permission {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (project_id, until) = allowed(parts, app).await?;
        Ok(Self {
            authorize: Arc::clone(&app.authorize),
            request: parts.clone(),
            project_id,
            until,
        })
    }
}

/// The project in the path, for a request that may see it.
pub(crate) struct Project(pub(crate) String);

impl FromRequestParts<App> for Project {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let (project_id, _) = allowed(parts, app).await?;
        Ok(Self(project_id))
    }
}

/// Returns the project in the path if the request may see it, and the end of the permission if the
/// decision named one.
async fn allowed(parts: &mut Parts, app: &App) -> Result<(String, Option<SystemTime>), Problem> {
    let project_id = path_parameter(parts, app, "project_id").await?;
    match app.authorize.decide(parts, &project_id).await {
        Decision::Allowed => Ok((project_id, None)),
        Decision::AllowedUntil(until) if !left(until).is_zero() => Ok((project_id, Some(until))),
        Decision::AllowedUntil(_) | Decision::Unauthenticated => Err(app.unauthenticated()),
        Decision::Denied => Err(Problem::not_found()),
    }
}

/// Returns the time that is left until `until`, or zero if it is over.
pub(crate) fn left(until: SystemTime) -> Duration {
    let left = until.duration_since(SystemTime::now());
    left.unwrap_or_default()
}
