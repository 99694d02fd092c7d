//! The figures of the server through the facade of the crate [`metrics`].

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

const REQUESTS: &str = "tracker_http_requests_total";
pub(crate) const REQUEST_SECONDS: &str = "tracker_http_request_seconds";
#[cfg(feature = "serve")]
const UNREAD: &str = "tracker_http_unread_requests_total";

/// The upper bounds of the durations that are counted together, in seconds. The last is the time in
/// which an answer begins at the latest.
#[cfg(feature = "serve")]
pub(crate) const SECONDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];

/// Says what the figures mean, to the recorder that is installed now.
pub(crate) fn describe() {
    describe_counter!(
        REQUESTS,
        "Requests that were answered, refused ones among them, by route and status."
    );
    describe_histogram!(
        REQUEST_SECONDS,
        Unit::Seconds,
        "How long it took until an answer began, by route."
    );
    #[cfg(feature = "serve")]
    describe_counter!(
        UNREAD,
        "Requests that were refused before they were read, by reason."
    );
}

/// Records each request and how long it took.
pub(crate) async fn measured(request: Request, next: Next) -> Response {
    let began = Instant::now();
    // The label is the route: a path has as many values as there are projects.
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    counter!(REQUESTS, "route" => route.clone(), "status" => status).increment(1);
    histogram!(REQUEST_SECONDS, "route" => route).record(began.elapsed().as_secs_f64());
    response
}

/// Records a request that could not be read.
#[cfg(feature = "serve")]
pub(crate) fn unread(reason: &'static str) {
    counter!(UNREAD, "reason" => reason).increment(1);
}
