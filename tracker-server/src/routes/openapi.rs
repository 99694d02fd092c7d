//! The description of the API for programs, in two versions of `OpenAPI`.
//!
//! They are the files `openapi.json` and `openapi-3.0.json`, so that an application that mounts the
//! router does not build what makes them. With the feature `openapi` they are made from the routes
//! themselves, and a test compares the two.

use axum::{http::HeaderMap, response::Response};

use crate::etag::tagged;

/// The descriptions, as they are answered.
const DOCUMENT: &str = include_str!("../../openapi.json");
const DOCUMENT_3_0: &str = include_str!("../../openapi-3.0.json");

pub(crate) async fn openapi(headers: HeaderMap) -> Response {
    tagged(&headers, "application/json", DOCUMENT)
}

pub(crate) async fn openapi_3_0(headers: HeaderMap) -> Response {
    tagged(&headers, "application/json", DOCUMENT_3_0)
}
