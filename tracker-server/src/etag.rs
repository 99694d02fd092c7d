//! Answers that need not be sent again: [`tagged`].

use std::fmt::Write;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

/// How much of a hash makes a tag: enough that no two bodies have the same.
const HASH_BYTES: usize = 16;

/// A response with an `ETag`; without its body where the client has it already.
pub(crate) fn tagged(
    request: &HeaderMap,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response {
    let body = body.into();
    let hash = Sha256::digest(&body);
    let mut tag = "\"".to_owned();
    for byte in hash.iter().take(HASH_BYTES) {
        // Writing to a text can't fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    let mut response = if is_known(request, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let content_type = HeaderValue::from_static(content_type);
        ([(header::CONTENT_TYPE, content_type)], body).into_response()
    };
    let headers = response.headers_mut();
    if let Ok(tag) = tag.parse() {
        headers.insert(header::ETAG, tag);
    }
    let revalidate = HeaderValue::from_static("private, no-cache");
    headers.insert(header::CACHE_CONTROL, revalidate);
    response
}

fn is_known(request: &HeaderMap, tag: &str) -> bool {
    let values = request.get_all(header::IF_NONE_MATCH).iter();
    values.filter_map(|value| value.to_str().ok()).any(|tags| {
        tags.split(',').any(|known| {
            let known = known.trim();
            known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
        })
    })
}
