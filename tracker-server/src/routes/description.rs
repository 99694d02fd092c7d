//! The description of the API, made from the routes.

mod older;

use serde_json::Value;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        RefOr, Response, Schema,
        schema::{SchemaType, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::problem::Problem;

/// Makes the description of the API, as JSON, from the routes. It is the document that
/// `/openapi.json` answers, of `OpenAPI` 3.1.
///
/// The answer is a file of this crate. A test compares it with this description.
///
/// # Errors
///
/// Returns an error if it can't be written as JSON, which would be a mistake in this crate.
pub fn openapi() -> Result<String, serde_json::Error> {
    Document::openapi().to_pretty_json()
}

/// Makes the same description in `OpenAPI` 3.0, for programs that read no newer one. It is the
/// document that `/openapi-3.0.json` answers.
///
/// # Errors
///
/// Returns an error if it can't be written as JSON, which would be a mistake in this crate.
pub fn openapi_3_0() -> Result<String, serde_json::Error> {
    let document: Value = serde_json::to_value(Document::openapi())?;
    serde_json::to_string_pretty(&older::of(document))
}

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "tracker",
        description = "Who did what, in which request, with which resulting records.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        crate::routes::projects::projects,
        crate::routes::list::list,
        crate::routes::one::one,
        crate::routes::stats::stats,
        crate::routes::stream::stream,
        crate::routes::export::export,
        crate::routes::values::values,
        crate::routes::names::names,
        crate::routes::viewer_links::create,
        crate::routes::viewer_links::terms,
        crate::routes::health::live,
        crate::routes::health::ready,
    ),
    components(schemas(Problem)),
    tags(
        (name = "projects", description = "The projects."),
        (name = "activities", description = "The activities of a project."),
        (name = "names", description = "Names for people, in place of IDs."),
        (name = "operation", description = "The state of the server."),
    ),
    // This is relative to the address of the document.
    servers((url = ".", description = "Where this document is.")),
    modifiers(&Bearer, &AlwaysSent, &TooLarge),
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

/// Makes every property required that can be null. One that may be left out is never null.
struct AlwaysSent;

impl Modify for AlwaysSent {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for schema in components.schemas.values_mut() {
            let RefOr::T(Schema::Object(object)) = schema else {
                continue;
            };
            for (name, property) in &object.properties {
                if is_nullable(property) && !object.required.contains(name) {
                    object.required.push(name.clone());
                }
            }
        }
    }
}

/// Adds the answers to a request that is too large to be read, which have no body, to each
/// operation.
struct TooLarge;

impl Modify for TooLarge {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let paths = document.paths.paths.values_mut();
        let operations = paths.flat_map(|path| [&mut path.get, &mut path.post]);
        for operation in operations.flatten() {
            for (status, description) in [
                ("414", "The address is longer than 64 KiB."),
                (
                    "431",
                    "The head of the request is larger than 64 KiB, the most that is sure to be taken.",
                ),
            ] {
                let response = RefOr::T(Response::new(description));
                operation
                    .responses
                    .responses
                    .insert(status.to_owned(), response);
            }
        }
    }
}

fn is_nullable(schema: &RefOr<Schema>) -> bool {
    let has_null = |kind: &SchemaType| match kind {
        SchemaType::Type(kind) => *kind == Type::Null,
        SchemaType::Array(kinds) => kinds.contains(&Type::Null),
        SchemaType::AnyValue => false,
    };
    match schema {
        RefOr::T(Schema::Object(object)) => has_null(&object.schema_type),
        RefOr::T(Schema::Array(array)) => has_null(&array.schema_type),
        RefOr::T(Schema::OneOf(one)) => one.items.iter().any(is_nullable),
        _ => false,
    }
}
