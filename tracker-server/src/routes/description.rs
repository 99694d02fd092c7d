//! The description of the API, made from the routes.

use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// Makes the description of the API, as JSON, from the routes. It is the document that
/// `/openapi.json` answers.
///
/// The answer is a file of this crate. A test compares it with this description.
///
/// # Errors
///
/// Returns an error if it can't be written as JSON, which would be a mistake in this crate.
pub fn openapi() -> Result<String, serde_json::Error> {
    Document::openapi().to_pretty_json()
}

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "tracker",
        description = "Who did what, in which request, with which resulting records.",
        license(name = "MIT OR Apache-2.0"),
    ),
    paths(
        crate::routes::list::list,
        crate::routes::one::one,
        crate::routes::stats::stats,
        crate::routes::stream::stream,
        crate::routes::export::export,
        crate::routes::values::values,
        crate::routes::names::names,
        crate::routes::health::live,
        crate::routes::health::ready,
    ),
    // This is relative to the address of the document.
    servers((url = ".", description = "Where this document is.")),
    modifiers(&Bearer),
    security(("bearer" = [])),
)]
struct Document;

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
