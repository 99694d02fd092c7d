//! The parts that all kinds of bearer tokens share.

use axum::http::{header, request};

/// Returns the token of an `Authorization: Bearer …` header.
pub(crate) fn bearer(request: &request::Parts) -> Option<&str> {
    let value = request.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim())
        .filter(|token| !token.is_empty())
}
