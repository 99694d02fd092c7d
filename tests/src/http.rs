//! HTTP to a server on loopback: [`open`] and [`send`].
//!
//! Every helper panics if its test has failed already.

#![expect(clippy::missing_panics_doc, reason = "as said above")]

use std::time::Duration;

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, StatusCode},
    response::Response,
};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use serde_json::Value;
use tokio::time::timeout;

/// A time limit far beyond the need of any test, and shorter than the time for which a proxy
/// buffers a stream.
pub const LIMIT: Duration = Duration::from_mins(1);

/// The longest body, far above any ordinary one.
const BYTES_MAX: usize = 64 << 20;

/// Sends a request, and returns the response once its head has arrived.
pub async fn open(request: Request<Body>) -> Response {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = timeout(LIMIT, client.request(request)).await;
    let response = response.expect("a head in time").expect("a response");
    response.map(Body::new)
}

/// Sends a request, and returns the response with its whole body.
pub async fn send(request: Request<Body>) -> Answer {
    let answer = timeout(LIMIT, Answer::of(open(request).await)).await;
    answer.expect("a body in time")
}

/// A response with its whole body.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it was sent, which may be compressed.
    pub body: Bytes,
}

impl Answer {
    /// Reads the body of a response.
    pub async fn of(response: Response) -> Self {
        let (head, body) = response.into_parts();
        Self {
            status: head.status,
            headers: head.headers,
            body: to_bytes(body, BYTES_MAX).await.expect("a whole body"),
        }
    }

    /// Returns the body as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Returns the body as a text.
    #[must_use]
    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("a text")
    }

    /// Returns a header that exists.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).expect("the header");
        value.to_str().expect("a text")
    }
}
