//! The layers that every request passes.

use std::{any::Any, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use crate::{origin::Origin, problem::Problem};

/// The longest time that an answer takes. The stores have shorter time-outs of their own, and
/// streamed answers have no limit.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// The largest body of a request, in bytes, far more than any request needs.
pub(crate) const BODY_BYTES_MAX: usize = 16 << 10;

/// The headers that are the same whatever the settings.
const HEADERS: [(HeaderName, &str); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// An answer depends on who asks, which these headers tell. A cache must not give it to anybody
/// else.
const VARY: HeaderValue = HeaderValue::from_static("Authorization, Cookie");

/// The headers that keep browsers from misreading an answer, under some settings.
#[derive(Clone)]
pub(crate) struct Headers {
    policy: HeaderValue,
    is_framed: bool,
}

impl Headers {
    /// Creates the headers of answers that load pictures from these origins and are embedded in
    /// pages of those.
    pub(crate) fn new(pictures: &[Origin], ancestors: &[Origin]) -> Self {
        let list = |origins: &[Origin]| {
            let texts: Vec<_> = origins.iter().map(Origin::to_string).collect();
            texts.join(" ")
        };
        let is_framed = !ancestors.is_empty();
        let ancestors = if is_framed {
            list(ancestors)
        } else {
            "'none'".to_owned()
        };
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}; \
             img-src 'self' data: {}",
            list(pictures)
        );
        Self {
            is_framed,
            // An origin has nothing but what a header may have.
            policy: HeaderValue::try_from(policy.trim_end())
                .unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }
}

/// Adds the headers that keep browsers from misreading an answer and caches from sharing it. An
/// answer that does not say how it may be cached is not to be cached.
pub(crate) async fn secured(
    State(Headers { policy, is_framed }): State<Headers>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    if !is_framed {
        let deny = HeaderValue::from_static("DENY");
        headers.insert(header::X_FRAME_OPTIONS, deny);
    }
    let unkept = HeaderValue::from_static("private, no-store");
    headers.entry(header::CACHE_CONTROL).or_insert(unkept);
    headers.append(header::VARY, VARY);
    response
}

/// Refuses a request with a large body.
pub(crate) async fn size_limited(request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > BODY_BYTES_MAX) {
        let detail = "no request here needs such a large body: send less, or none";
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).into_response();
    }
    next.run(request).await
}

/// Ends an answer that takes longer than [`ANSWER_MAX`].
pub(crate) async fn time_limited(request: Request, next: Next) -> Response {
    match timeout(ANSWER_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            Problem::unavailable("the answer takes too long; try again in a while").into_response()
        }
    }
}

/// The response where something has panicked. The log has the message of the panic.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Response {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = message, "a request could not be answered");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the server has failed").into_response()
}
