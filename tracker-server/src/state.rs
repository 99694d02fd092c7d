//! The state of the router, [`App`], and the parameters in the path of a request.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use tokio::sync::{Semaphore, watch};
use tracker_core::Store;

use crate::{
    activity::Labels, authorize::Authorize, hub::Hub, kept_values::KeptValues, names::Lookup,
    problem::Problem, summaries::Summaries, viewer_links::Viewers,
};

/// The state of the router. A clone is a handle to the same state.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) authorize: Arc<dyn Authorize>,
    pub(crate) summaries: Arc<Summaries>,
    pub(crate) viewers: Viewers,
    pub(crate) labels: Arc<Labels>,
    pub(crate) names: Arc<Lookup>,
    pub(crate) values: Arc<KeptValues>,
    pub(crate) hub: Arc<Hub>,
    /// The interval at which the permission of a stream is decided anew.
    pub(crate) decide_again_every: Duration,
    /// One permit for each stream.
    pub(crate) streams: Arc<Semaphore>,
    /// The address of the application's own login.
    pub(crate) login: Option<Arc<str>>,
    /// True when the server ends, which ends the streams.
    pub(crate) ending: watch::Receiver<bool>,
}

impl App {
    /// The response to a request of an unknown sender.
    pub(crate) fn unauthenticated(&self) -> Problem {
        Problem::unauthenticated(self.login.clone())
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

/// Returns a parameter of the path, decoded. A parameter that can't be decoded names nothing, so it
/// is not found.
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
