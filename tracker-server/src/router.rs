//! The routes of the server: [`router`].

use std::sync::Arc;

use axum::{Router, http::StatusCode, middleware::from_fn, routing::get};
use tokio::sync::Semaphore;
use tower_http::{catch_panic::CatchPanicLayer, limit::RequestBodyLimitLayer};
use tracker_core::Store;

use crate::{
    hub::Hub,
    middleware::{BODY_BYTES_MAX, panicked, secured, size_limited, time_limited},
    problem::Problem,
    routes::{assets, export, health, list, one, openapi, pages, stats, stream},
    settings::Settings,
    state::App,
};

/// Returns the routes, to be mounted in an application or served alone.
///
/// The role of the store must have `SELECT` on the table. While there is a stream, the tokio
/// runtime of the router also runs one task that follows new rows.
pub fn router(store: Arc<dyn Store>, settings: Settings) -> Router {
    let labels = Arc::new(settings.labels);
    let app = App {
        hub: Hub::new(Arc::clone(&store), Arc::clone(&labels)),
        store,
        authorize: settings.authorize,
        labels,
        decide_again_every: settings.decide_again_every,
        streams: Arc::new(Semaphore::new(settings.streams_max)),
        ending: settings.ending,
    };
    let answered = Router::new()
        .route("/api/projects/{project_id}/activities", get(list::list))
        .route(
            "/api/projects/{project_id}/activities/stats",
            get(stats::stats),
        )
        .route(
            "/api/projects/{project_id}/activities/{action_id}",
            get(one::one),
        )
        .route("/", get(pages::projects))
        .route("/projects", get(pages::projects))
        .route("/projects/", get(pages::projects))
        .route("/projects/{project_id}", get(pages::timeline))
        .route("/projects/{project_id}/", get(pages::timeline))
        .route("/assets/{name}", get(assets::asset))
        .route("/openapi.json", get(openapi::openapi))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .layer(from_fn(time_limited));
    let streamed = Router::new()
        .route(
            "/api/projects/{project_id}/activities/stream",
            get(stream::stream),
        )
        .route(
            "/api/projects/{project_id}/activities/export",
            get(export::export),
        );
    let all = answered
        .merge(streamed)
        .fallback(pages::nested_root)
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this can only be read, with GET",
            )
        })
        .with_state(app)
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(from_fn(size_limited))
        .layer(CatchPanicLayer::custom(|panic| panicked(&panic)))
        .layer(from_fn(secured));
    #[cfg(feature = "metrics")]
    let all = all.layer(from_fn(crate::middleware::measured));
    all
}
