//! What every route has: [`App`], and the project of a request.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use tokio::sync::{Semaphore, watch};
use tracker_core::Store;

use crate::{
    activity::Labels,
    authorize::{Authorize, Decision},
    hub::Hub,
    problem::Problem,
};

/// The state of the router; a clone is a handle to the same.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) authorize: Arc<dyn Authorize>,
    pub(crate) labels: Arc<Labels>,
    pub(crate) hub: Arc<Hub>,
    /// One permit for each stream.
    pub(crate) streams: Arc<Semaphore>,
    /// Whether the server is ending, which ends the streams.
    pub(crate) ending: watch::Receiver<bool>,
}

/// The project in the path of a request that may see it.
pub(crate) struct Project(pub(crate) String);

impl FromRequestParts<App> for Project {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let id = path_parameter(parts, app, "project_id").await?;
        match app.authorize.decide(parts, &id).await {
            Decision::Allowed => Ok(Self(id)),
            Decision::Unauthenticated => Err(Problem::unauthenticated()),
            Decision::Denied => Err(Problem::not_found()),
        }
    }
}

/// The ID of an activity in the path of a request.
pub(crate) struct ActionId(pub(crate) String);

impl FromRequestParts<App> for ActionId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(path_parameter(parts, app, "action_id").await?))
    }
}

/// A part of the path, decoded. What can't be decoded is the name of nothing.
async fn path_parameter(parts: &mut Parts, app: &App, name: &str) -> Result<String, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, app).await;
    let parameters = parameters.map_err(|_| Problem::not_found())?;
    let found = parameters.iter().find(|(key, _)| *key == name);
    found.map_or_else(
        || Err(Problem::not_found()),
        |(_, value)| Ok(value.to_owned()),
    )
}
