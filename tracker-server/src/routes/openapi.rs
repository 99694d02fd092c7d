//! The description of the API for programs.

use axum::{http::HeaderMap, response::Response};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::etag::tagged;

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "tracker",
        description = "Who did what, in which request, with which resulting records.",
        license(name = "MIT OR Apache-2.0"),
    ),
    paths(
        super::list::list,
        super::one::one,
        super::stats::stats,
        super::stream::stream,
        super::export::export,
        super::health::live,
        super::health::ready,
    ),
    modifiers(&Bearer),
    security(("bearer" = [])),
)]
pub(crate) struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("Where the server asks for one."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

pub(crate) async fn openapi(headers: HeaderMap) -> Response {
    let document = Document::openapi().to_pretty_json().unwrap_or_default();
    tagged(&headers, "application/json", document)
}
