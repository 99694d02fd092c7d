//! The description of the API, made from the routes.

use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// Makes the description of the API that `/openapi.json` answers, as JSON, from the routes themselves.
///
/// The answer is a file of this crate, which a test compares with this.
///
/// # Errors
///
/// Where it can't be written as JSON, which would be a mistake in this crate.
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
        crate::routes::health::live,
        crate::routes::health::ready,
    ),
    // Relative to the document's own address, whatever is before that.
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
