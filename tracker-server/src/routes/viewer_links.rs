//! Links that show a part of a project.

use std::{fmt, time::Duration};

use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use crate::{clock::unix_ms, etag::tagged_json, permission::Project, problem::Problem, state::App};

/// The link that is wanted.
#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = WantedViewerLink))]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The filters that confine the link, under the names and with the values of the parameters of
    /// the list. A filter that may be repeated takes a list as well.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = serde_json::Value, example = json!({ "user_id": "user_42", "action_type": ["deployment"] })))]
    filters: Filters,
    /// The time after which the link shows nothing, in seconds.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, example = 604_800))]
    expires_in_s: u64,
}

/// The filters in the order in which they were sent. One that was sent twice is there twice, as in
/// a query string.
#[derive(Default)]
struct Filters(Vec<(String, OneOrMany)>);

impl<'de> Deserialize<'de> for Filters {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FiltersVisitor)
    }
}

struct FiltersVisitor;

impl<'de> Visitor<'de> for FiltersVisitor {
    type Value = Filters;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of filters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Filters, A::Error> {
        let mut filters = Vec::new();
        while let Some(filter) = map.next_entry()? {
            filters.push(filter);
        }
        Ok(Filters(filters))
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn into_values(self) -> Vec<String> {
        match self {
            Self::One(value) => vec![value],
            Self::Many(values) => values,
        }
    }
}

/// A link that shows a part of a project.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ViewerLink))]
pub(crate) struct LinkBody {
    /// The page, with the token after a `#`, relative to where the routes are.
    url: String,
    /// The token, for the header `Authorization: Bearer …`.
    token: String,
    /// The name of the key that has signed the token. Removing it revokes the link.
    key: String,
    /// The time from which on the link shows nothing, in milliseconds since the Unix epoch.
    expires_at: u64,
}

/// The links that the reader may make.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = ViewerLinkTerms))]
pub(crate) struct TermsBody {
    /// True if the reader may make links: the server has keys, and the reader has not come by a
    /// link.
    is_allowed: bool,
    /// The longest time until a link expires, in seconds.
    expires_in_s_max: u64,
}

/// Read which links to a part of a project the reader may make
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/viewer-links",
    operation_id = "getViewerLinkTerms",
    tag = "projects",
    params(("project_id" = String, Path, description = "The project.")),
    responses(
        (status = 200, description = "The terms of links.", body = TermsBody),
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn terms(
    State(app): State<App>,
    Project(reach): Project,
    headers: HeaderMap,
) -> Response {
    let terms = TermsBody {
        is_allowed: app.viewers.has_keys() && !reach.is_confined(),
        expires_in_s_max: app.viewers.longest().as_secs(),
    };
    tagged_json(&headers, &terms)
}

/// Make a link that shows a part of a project
///
/// Whoever has the link sees what its filters let through, and nothing else, until it expires.
/// Whoever may see the project may make one, but not by a link.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    post,
    path = "/api/projects/{project_id}/viewer-links",
    operation_id = "createViewerLink",
    tag = "projects",
    params(("project_id" = String, Path, description = "The project.")),
    request_body = Wanted,
    responses(
        (status = 201, description = "The link.", body = LinkBody),
        (status = 403, description = "A link makes no other links.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "The body has more than 16 KiB.", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "The body is no `application/json`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "The body is JSON of another form.", body = Problem, content_type = "application/problem+json"),
        (status = 501, description = "The server has no keys to sign links with.", body = Problem, content_type = "application/problem+json"),
        crate::problem::WrongParameter,
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn create(
    State(app): State<App>,
    Project(reach): Project,
    // Only a page of this site can send JSON with the cookies of its reader, so no other page can
    // have the reader make a link.
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<(StatusCode, Json<LinkBody>), Problem> {
    if reach.is_confined() {
        let detail = "a link makes no other links: ask whoever gave it to you";
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }
    let refused = |error: JsonRejection| Problem::new(error.status(), error.body_text());
    let Json(wanted) = wanted.map_err(refused)?;
    let expires_in = Duration::from_secs(wanted.expires_in_s);
    let filters = pairs(wanted.filters)?;
    let link = app.viewers.link(reach.project_id(), filters, expires_in)?;
    let body = LinkBody {
        url: link.path().to_owned(),
        token: link.token().to_owned(),
        key: link.key().to_owned(),
        expires_at: unix_ms(link.expires_at()),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Returns each value with the name of its filter. An empty list is refused: it would let
/// everything through, where its sender may have meant nothing.
fn pairs(Filters(filters): Filters) -> Result<Vec<(String, String)>, Problem> {
    let mut pairs = Vec::new();
    for (name, values) in filters {
        let values = values.into_values();
        if values.is_empty() {
            return Err(Problem::parameter(name, "is an empty list: leave it out"));
        }
        pairs.extend(values.into_iter().map(|value| (name.clone(), value)));
    }
    Ok(pairs)
}
