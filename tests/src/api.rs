//! The API without a network: [`Api`].
//!
//! Every helper panics if its test has failed already.

#![expect(clippy::missing_panics_doc, reason = "as said above")]

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use serde_json::Value;
use tower::ServiceExt;
use tracker_core::Store;
use tracker_server::{Authorize, Open, Settings, router};

/// The longest body, far above any ordinary one.
const BYTES_MAX: usize = 64 << 20;

/// A router.
#[derive(Clone)]
pub struct Api {
    router: Router,
}

/// An answer with its whole body.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Api {
    /// Creates an API whose projects everybody may see.
    pub fn open(store: impl Store) -> Self {
        Self::new(store, Open)
    }

    /// Creates an API with this decision on who may see what.
    pub fn new(store: impl Store, authorize: impl Authorize) -> Self {
        let settings = Settings::new(Arc::new(authorize));
        Self::of(router(Arc::new(store), settings))
    }

    /// Creates the API of a router, which may be that of an application that mounts it.
    #[must_use]
    pub fn of(router: Router) -> Self {
        Self { router }
    }

    /// Sends a request.
    pub async fn send(&self, request: Request<Body>) -> axum::response::Response {
        let response = self.router.clone().oneshot(request).await;
        response.expect("a router never fails")
    }

    /// Gets a path, with these headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self
            .send(request.body(Body::empty()).expect("a path"))
            .await;
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, BYTES_MAX).await.expect("a whole body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.into(),
        }
    }

    /// Gets a path.
    pub async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    /// Gets a path that exists and answers with JSON.
    pub async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        answer.json()
    }
}

impl Answer {
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
