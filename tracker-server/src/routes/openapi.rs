//! The description of the API for programs.
//!
//! It is the file `openapi.json`, so that an application that mounts the router does not build what
//! makes it. With the feature `openapi` it is made from the routes themselves, and a test compares
//! the two.

use axum::{http::HeaderMap, response::Response};

use crate::etag::tagged;

/// The description, as it is answered.
const DOCUMENT: &str = include_str!("../../openapi.json");

pub(crate) async fn openapi(headers: HeaderMap) -> Response {
    tagged(&headers, "application/json", DOCUMENT.to_owned())
}
