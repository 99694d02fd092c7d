//! The permission of a request to see a project: [`Permission`].

use std::time::{Duration, SystemTime};

use axum::{extract::FromRequestParts, http::request::Parts};
use tokio::time::{sleep, timeout};

use crate::{
    authorize::Decision,
    problem::Problem,
    reach::Reach,
    state::{App, path_parameter},
};

/// The longest wait for another decision. A permission ends without one.
const DECISION_MAX: Duration = Duration::from_secs(30);

/// A request that may see a project at present, kept for further decisions.
pub(crate) struct Permission {
    app: App,
    request: Parts,
    reach: Reach,
    /// The end of the permission, if the decision named one.
    until: Option<SystemTime>,
}

impl Permission {
    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Waits until the permission ends, which may be never. It is decided anew at this interval,
    /// and at the end that the last decision named.
    pub(crate) async fn over(mut self, again_every: Duration) {
        loop {
            let rest = self.until.map_or(Duration::MAX, left);
            sleep(rest.min(again_every)).await;
            let decision = self.app.decide(&self.request, self.reach.project_id());
            match timeout(DECISION_MAX, decision).await {
                Ok(Ok((_, until))) => self.until = until,
                _ => return,
            }
        }
    }
}

impl FromRequestParts<App> for Permission {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let project_id = path_parameter(parts, app, "project_id").await?;
        let (reach, until) = app.decide(parts, &project_id).await?;
        Ok(Self {
            app: app.clone(),
            request: parts.clone(),
            reach,
            until,
        })
    }
}

/// The project in the path, for a request that may see it, as far as it may.
pub(crate) struct Project(pub(crate) Reach);

impl FromRequestParts<App> for Project {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let project_id = path_parameter(parts, app, "project_id").await?;
        let (reach, _) = app.decide(parts, &project_id).await?;
        Ok(Self(reach))
    }
}

impl App {
    /// Decides by the link that a request comes with, or else by the application. Returns how far
    /// the request may see the project, and the end of the permission if the decision named one.
    async fn decide(
        &self,
        request: &Parts,
        project_id: &str,
    ) -> Result<(Reach, Option<SystemTime>), Problem> {
        // A link counts where the request has a session as well, since it shows less.
        if let Some(grant) = self.viewers.grant(request)? {
            if grant.project_id != project_id {
                return Err(Problem::not_found());
            }
            return Ok((
                Reach::confined_to(project_id, grant.filter),
                Some(grant.until),
            ));
        }
        let until = match self.decision(request, project_id).await {
            Decision::Allowed => None,
            Decision::AllowedUntil(until) => Some(until),
            Decision::Unauthenticated => return Err(self.unauthenticated()),
            Decision::Denied => return Err(Problem::not_found()),
        };
        Ok((Reach::whole(project_id), until))
    }

    /// Returns the decision of the application. A permission that is over is none.
    pub(crate) async fn decision(&self, request: &Parts, project_id: &str) -> Decision {
        match self.authorize.decide(request, project_id).await {
            Decision::AllowedUntil(until) if left(until).is_zero() => Decision::Unauthenticated,
            decision => decision,
        }
    }
}

/// Returns the time that is left until `until`, or zero if it is over.
fn left(until: SystemTime) -> Duration {
    let left = until.duration_since(SystemTime::now());
    left.unwrap_or_default()
}
