//! What every route has: [`App`], and what is in the path of a request.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use tokio::sync::{Semaphore, watch};
use tracker_core::Store;

use crate::{activity::Labels, authorize::Authorize, hub::Hub, problem::Problem};

/// The state of the router; a clone is a handle to the same.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) authorize: Arc<dyn Authorize>,
    pub(crate) labels: Arc<Labels>,
    pub(crate) hub: Arc<Hub>,
    /// How often it is decided again whether a stream may go on.
    pub(crate) decide_again_every: Duration,
    /// One permit for each stream.
    pub(crate) streams: Arc<Semaphore>,
    /// Whether the server is ending, which ends the streams.
    pub(crate) ending: watch::Receiver<bool>,
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
pub(crate) async fn path_parameter(
    parts: &mut Parts,
    app: &App,
    name: &str,
) -> Result<String, Problem> {
    let parameters = RawPathParams::from_request_parts(parts, app).await;
    let parameters = parameters.map_err(|_| Problem::not_found())?;
    let found = parameters.iter().find(|(key, _)| *key == name);
    found.map_or_else(
        || Err(Problem::not_found()),
        |(_, value)| Ok(value.to_owned()),
    )
}
