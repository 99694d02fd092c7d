//! The link from a page of a list to the next one: [`linked`].

use axum::{
    http::{HeaderValue, header},
    response::Response,
};

/// Adds the link to the next page to a response, if there is one.
pub(super) fn linked(
    mut response: Response,
    query: Option<&str>,
    cursor: Option<&str>,
) -> Response {
    let link = cursor.map(|cursor| next_link(query, cursor));
    if let Some(Ok(link)) = link.map(HeaderValue::try_from) {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// Returns the request for the next page, relative to the address that the client has used: a proxy
/// may have removed a part of it.
fn next_link(query: Option<&str>, cursor: &str) -> String {
    let mut next = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name != "cursor" && name != "offset" {
            next.append_pair(&name, &value);
        }
    }
    next.append_pair("cursor", cursor);
    format!("<?{}>; rel=\"next\"", next.finish())
}
