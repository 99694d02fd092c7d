//! The API without a network: [`Api`].
//!
//! Every helper panics if its test has failed already.

#![expect(clippy::missing_panics_doc, reason = "as said above")]

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::Value;
use tower::ServiceExt;
use tracker_core::Store;
use tracker_server::{Authorize, Open, Settings, router};

use crate::http::Answer;

/// A router.
#[derive(Clone)]
pub struct Api {
    router: Router,
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

    /// Sends a request, and returns the response with its whole body.
    pub async fn answer(&self, request: Request<Body>) -> Answer {
        Answer::of(self.send(request).await).await
    }

    /// Gets a path, with these headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.answer(request.body(Body::empty()).expect("a path"))
            .await
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
