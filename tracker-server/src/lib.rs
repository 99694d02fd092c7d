//! The API and the timeline over what [`tracker_core`] records: a [`router`] to mount in an axum application, and [`serve`], which the command
//! `tracker serve` calls.
//!
//! ```no_run
//! use std::sync::Arc;
//! use tracker_server::{Settings, router};
//!
//! # async fn f(own_projects: impl tracker_server::Authorize) -> Result<(), Box<dyn std::error::Error>> {
//! let store = tracker_core::store::open("postgres://console@localhost/app")?;
//! let settings = Settings::new(Arc::new(own_projects));
//! let app: axum::Router = axum::Router::new().nest("/tracker", router(store, settings));
//! # Ok(())
//! # }
//! ```
//!
//! # Routes
//!
//! | route | |
//! | --- | --- |
//! | `/api/projects/{project_id}/activities` | a page of activities |
//! | `…/activities/{action_id}` | one activity |
//! | `…/activities/stats` | counts by day and action type |
//! | `…/activities/stream` | what arrives, as server-sent events |
//! | `…/activities/export` | all of them, as JSON lines or CSV |
//! | `/projects/{project_id}` | the timeline for people |
//! | `/assets/activity-timeline.js` | the timeline as a web component, for a page of your own |
//! | `/openapi.json` | the description of all this for programs |
//! | `/healthz`, `/readyz` | whether the process lives, and whether activities can be read |
//!
//! [`serve`] adds `/metrics`, in the format of Prometheus.

mod activity;
mod authorize;
mod etag;
mod hub;
mod middleware;
mod parameters;
mod problem;
mod router;
mod routes;
mod serve;
mod settings;
mod state;

pub use self::{
    authorize::{Authorize, Decision, JwtError, JwtSettings, Jwts, Open, Tokens, TokensError},
    router::router,
    serve::{Limits, ServeError, serve},
    settings::Settings,
};
