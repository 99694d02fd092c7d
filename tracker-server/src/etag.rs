//! Responses that a client can revalidate instead of loading them again: [`tagged`].

use std::fmt::Write;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The endings that Apache's `mod_deflate` and `mod_brotli` append to the tag of a body that they
/// compress.
const ENCODINGS: [&str; 2] = ["-gzip", "-br"];

/// The bytes of the hash in a tag: enough that no two bodies have the same tag.
const HASH_BYTES: usize = 16;

/// The tag of a body.
pub(crate) struct Tag(String);

impl Tag {
    pub(crate) fn of(body: &[u8]) -> Self {
        let mut tag = "\"".to_owned();
        for byte in Sha256::digest(body).iter().take(HASH_BYTES) {
            // Writing to a `String` can't fail.
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push('"');
        Self(tag)
    }

    /// Returns the tag without its quotes.
    pub(crate) fn hash(&self) -> &str {
        self.0.trim_matches('"')
    }
}

/// Returns a response with an `ETag`. It has no body if the client names that tag.
pub(crate) fn tagged(
    request: &HeaderMap,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response {
    let body = body.into();
    tagged_as(request, &Tag::of(&body), content_type, body)
}

/// Returns the same for a body whose tag is known.
pub(crate) fn tagged_as(
    request: &HeaderMap,
    Tag(tag): &Tag,
    content_type: &'static str,
    body: Bytes,
) -> Response {
    let mut response = if is_known(request, tag) {
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

/// Returns a body as JSON, with its tag.
pub(crate) fn tagged_json(request: &HeaderMap, body: &impl Serialize) -> Response {
    tagged(request, "application/json", to_json(body))
}

/// Serializes a body of texts, numbers and JSON values, which can't fail.
pub(crate) fn to_json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

fn is_known(request: &HeaderMap, tag: &str) -> bool {
    let values = request.get_all(header::IF_NONE_MATCH).iter();
    values.filter_map(|value| value.to_str().ok()).any(|tags| {
        tags.split(',').any(|known| {
            let known = known.trim();
            known == "*" || opaque(known) == opaque(tag)
        })
    })
}

/// Returns the part of a tag that proxies keep when they compress the body. Some of them make the
/// tag a weak one, and Apache appends the encoding.
fn opaque(tag: &str) -> &str {
    let strong = tag.strip_prefix("W/").unwrap_or(tag);
    let inner = strong.trim_matches('"');
    let plain = ENCODINGS.iter().find_map(|name| inner.strip_suffix(name));
    plain.unwrap_or(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_however_a_proxy_has_compressed_the_body() {
        let tag = "\"0123456789abcdef\"";
        for (sent, is_known_then) in [
            (tag, true),
            ("W/\"0123456789abcdef\"", true),
            ("\"0123456789abcdef-gzip\"", true),
            ("W/\"0123456789abcdef-br\"", true),
            ("\"other\", \"0123456789abcdef-gzip\"", true),
            ("*", true),
            ("\"0123456789abcde\"", false),
            ("\"0123456789abcdef-other\"", false),
            ("\"-gzip\"", false),
            ("", false),
        ] {
            let mut request = HeaderMap::new();
            request.insert(header::IF_NONE_MATCH, sent.parse().unwrap());
            assert_eq!(is_known(&request, tag), is_known_then, "{sent}");
        }
    }
}
