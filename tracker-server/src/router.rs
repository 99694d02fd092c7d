//! The routes of the server: [`router`].

use std::sync::Arc;

use axum::{Router, http::StatusCode, middleware::from_fn, routing::get};
use tokio::sync::Semaphore;
use tower_http::{catch_panic::CatchPanicLayer, limit::RequestBodyLimitLayer};
use tracker_core::Store;

use crate::{
    hub::Hub,
    middleware::{BODY_BYTES_MAX, panicked, size_limited, time_limited},
    problem::Problem,
    routes::{
        assets, export, health, list, names, one, openapi, pages, projects, stats, stream, values,
        viewer_links,
    },
    settings::Settings,
    state::App,
};

/// Returns the routes, to be mounted in an application or served alone.
///
/// The role of the store must have `SELECT` on the table. While there is a stream, the tokio
/// runtime of the router also runs one task that follows new rows.
pub fn router(store: Arc<dyn Store>, settings: Settings) -> Router {
    let surroundings = settings.surroundings();
    surroundings.around(routes(store, settings))
}

/// Returns the routes, with the limits of each request.
pub(crate) fn routes(store: Arc<dyn Store>, settings: Settings) -> Router {
    let names = settings.lookup();
    let viewers = settings.viewers();
    let labels = Arc::new(settings.labels);
    let app = App {
        hub: Hub::new(Arc::clone(&store), Arc::clone(&labels)),
        store,
        summaries: Arc::default(),
        authorize: settings.authorize,
        viewers,
        labels,
        names: Arc::new(names),
        values: Arc::default(),
        decide_again_every: settings.decide_again_every,
        streams: Arc::new(Semaphore::new(settings.streams_max)),
        login: settings.login,
        ending: settings.ending,
    };
    let answered = Router::new()
        .route("/api/projects", get(projects::projects))
        .route("/api/projects/{project_id}/activities", get(list::list))
        .route(
            "/api/projects/{project_id}/activities/stats",
            get(stats::stats),
        )
        .route(
            "/api/projects/{project_id}/activities/{action_id}",
            get(one::one),
        )
        .route(
            "/api/projects/{project_id}/activities/values",
            get(values::values),
        )
        .route("/api/projects/{project_id}/names", get(names::names))
        .route(
            "/api/projects/{project_id}/viewer-links",
            get(viewer_links::terms)
                .post(viewer_links::create)
                .fallback(only_by_post),
        )
        .route("/", get(pages::projects))
        .route("/projects", get(pages::projects))
        .route("/projects/", get(pages::projects))
        .route("/projects/{project_id}", get(pages::timeline))
        .route("/projects/{project_id}/", get(pages::timeline))
        .route(
            "/projects/{project_id}/activities/{action_id}",
            get(pages::activity),
        )
        .route("/assets/{name}", get(assets::asset))
        .route("/openapi.json", get(openapi::openapi))
        .route("/openapi-3.0.json", get(openapi::openapi_3_0))
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
    answered
        .merge(streamed)
        .fallback(pages::missing)
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
}

/// Answers another method where links are made.
async fn only_by_post() -> Problem {
    let detail = "links are made here, with POST; GET tells which";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}
