//! The pages for people: one document, whose script takes what to show from the address.

use axum::{
    extract::OriginalUri,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};

use super::assets::{self, HTML};
use crate::{etag::tagged, problem::Problem};

/// The document. It holds no data, and names its files from `{root}` on.
const PAGE: &str = include_str!("../../assets/index.html");

/// Returns the page with the list of projects.
pub(crate) async fn projects(original: OriginalUri, uri: Uri, headers: HeaderMap) -> Response {
    page("page-projects.js", &original, &uri, &headers)
}

/// Returns the page with a project's timeline.
pub(crate) async fn timeline(original: OriginalUri, uri: Uri, headers: HeaderMap) -> Response {
    page("page-timeline.js", &original, &uri, &headers)
}

/// Returns the page of one activity.
pub(crate) async fn activity(original: OriginalUri, uri: Uri, headers: HeaderMap) -> Response {
    page("page-activity.js", &original, &uri, &headers)
}

/// Answers a request for an unknown address: with a page if a browser opens it.
pub(crate) async fn missing(
    method: Method,
    original: OriginalUri,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if !method.is_safe() || !is_opened(&headers) {
        return Problem::not_found().into_response();
    }
    let page = document("page-missing.js", &original, &uri);
    (StatusCode::NOT_FOUND, [(header::CONTENT_TYPE, HTML)], page).into_response()
}

/// Returns whether the sender wants a page, as a browser does that opens an address.
fn is_opened(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut accepted = accepted.filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.contains("text/html"))
}

fn page(script: &str, original: &OriginalUri, uri: &Uri, headers: &HeaderMap) -> Response {
    tagged(headers, HTML, document(script, original, uri))
}

fn document(script: &str, original: &OriginalUri, uri: &Uri) -> String {
    let root = root(original.path(), uri.path());
    let mut page = PAGE.to_owned();
    for (hole, name) in [
        ("{icon}", "icon.svg"),
        ("{style}", "page.css"),
        ("{late}", "page-late.js"),
        ("{script}", script),
    ] {
        page = page.replace(hole, &assets::address(name));
    }
    page.replace("{root}", &root)
}

/// Returns the way from a page to the root of the routes, as HTML. `original` is the path that the
/// browser knows, and `path` its part below the application's own.
fn root(original: &str, path: &str) -> String {
    let below = path.matches('/').count().saturating_sub(1);
    if below > 0 {
        return "../".repeat(below);
    }
    // A browser takes what follows the last slash for a file beside the others.
    let last = original.rsplit('/').next().unwrap_or_default();
    if path == "/" && !last.is_empty() {
        return format!("./{}/", escaped(last));
    }
    "./".to_owned()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_page_finds_the_root() {
        for (original, path, expected) in [
            ("/", "/", "./"),
            ("/projects", "/projects", "./"),
            ("/projects/", "/projects/", "../"),
            ("/projects/p", "/projects/p", "../"),
            ("/projects/a%2Fb", "/projects/a%2Fb", "../"),
            ("/projects/p/", "/projects/p/", "../../"),
            (
                "/projects/p/activities/a",
                "/projects/p/activities/a",
                "../../../",
            ),
            ("/tracker", "/", "./tracker/"),
            ("/tracker/", "/", "./"),
            ("/in/tracker", "/", "./tracker/"),
            ("/tracker/projects", "/projects", "./"),
            ("/tracker/projects/p", "/projects/p", "../"),
            ("/a&b\"", "/", "./a&amp;b&quot;/"),
        ] {
            assert_eq!(root(original, path), expected, "{original}");
        }
    }
}
