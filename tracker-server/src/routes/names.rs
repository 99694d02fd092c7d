//! The names of what the rows of a project have IDs of.

use std::collections::{BTreeMap, HashSet};

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, request},
    response::Response,
};
use serde::Serialize;
use tracker_core::timeline::{Filter, LIMIT_MAX, Query};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use crate::{
    etag::tagged_json,
    names::{Name, Named},
    parameters::{NAME_CHARS_MAX, VALUE_BYTES_MAX},
    permission::Project,
    problem::Problem,
    reach::Reach,
    state::App,
};

/// The most IDs that a request may ask for.
const IDS_MAX: usize = 100;

/// The prefix of the parameters that ask for references.
const REFERENCE: &str = "reference.";

/// The names that are known.
#[derive(Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Names))]
pub(crate) struct NamesBody {
    /// False if this server knows no names at all, so that there is no need to ask again.
    has_names: bool,
    /// The name of the project.
    #[cfg_attr(feature = "openapi", schema(required))]
    project: Option<Name>,
    /// The names of users, by their IDs.
    users: BTreeMap<String, Name>,
    /// The names of related records, by the names of the references and the IDs.
    references: BTreeMap<String, BTreeMap<String, Name>>,
}

/// Tell the names of users and related records
///
/// The names for people of what the activities have only IDs of, and the project's. Those that are
/// not known are left out. A link is told those of what it shows.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/names",
    operation_id = "listNames",
    tag = "names",
    params(
        ("project_id" = String, Path, description = "The project."),
        ("user" = Option<Vec<String>>, Query, description = "The ID of a user. All IDs are 100 at most."),
        ("reference.NAME" = Option<Vec<String>>, Query, description = "The ID of a related record, where NAME is the name of the reference, as in `reference.deployment_id=deploy_xyz789`."),
    ),
    responses(
        (status = 200, description = "The names.", body = NamesBody),
        (status = 304, description = "They are as `If-None-Match` names them."),
        crate::problem::WrongParameter,
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn names(
    State(app): State<App>,
    Project(reach): Project,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    request: request::Parts,
) -> Result<Response, Problem> {
    let wanted = wanted(reach.project_id(), query.as_deref())?;
    let wanted = shown(&app, &reach, wanted).await?;
    let found = app.names.find(&request, wanted).await;
    let mut body = NamesBody {
        has_names: app.names.has_names(),
        ..NamesBody::default()
    };
    for (named, name) in found {
        match named {
            Named::Project { .. } => body.project = Some(name),
            Named::User { id, .. } => {
                body.users.insert(id, name);
            }
            Named::Reference {
                name: reference,
                id,
                ..
            } => {
                let ids = body.references.entry(reference).or_default();
                ids.insert(id, name);
            }
        }
    }
    Ok(tagged_json(&headers, &body))
}

/// Leaves out what a link does not show: it must not tell the names of others.
///
/// Most of what is asked for is among the newest activities, which are read once. Each ID that is
/// not among them is looked for by a statement of its own, and [`IDS_MAX`] bounds their number.
async fn shown(app: &App, reach: &Reach, wanted: Vec<Named>) -> Result<Vec<Named>, Problem> {
    if !reach.is_confined() {
        return Ok(wanted);
    }
    let all = reach.within(Filter::project(reach.project_id()))?;
    let newest = Query::from(all).limit(LIMIT_MAX);
    let page = app.store.timeline(newest).await?;
    let mut shown = Vec::new();
    for named in wanted {
        let Some(of_it) = filter_of(&named) else {
            shown.push(named);
            continue;
        };
        let is_among = page.activities.iter().any(|row| of_it.matches(row));
        if is_among || page.next.is_some() && has_any(app, reach.within(of_it)?).await? {
            shown.push(named);
        }
    }
    Ok(shown)
}

/// Returns the filter of the activities that have the ID; `None` for the project, which all have.
fn filter_of(named: &Named) -> Option<Filter> {
    match named {
        Named::Project { .. } => None,
        Named::User { project_id, id } => Some(Filter::project(project_id).user_id(id)),
        Named::Reference {
            project_id,
            name,
            id,
        } => Some(Filter::project(project_id).reference(name, id)),
    }
}

/// Returns whether an activity passes the filter.
async fn has_any(app: &App, filter: Filter) -> Result<bool, Problem> {
    let first = Query::from(filter).limit(1);
    Ok(!app.store.timeline(first).await?.activities.is_empty())
}

/// Returns what the query string asks for, each once, and the project.
fn wanted(project_id: &str, query: Option<&str>) -> Result<Vec<Named>, Problem> {
    let mut wanted = HashSet::new();
    for (name, id) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let project_id = project_id.to_owned();
        if id.len() > VALUE_BYTES_MAX || name.len() > VALUE_BYTES_MAX {
            let name: String = name.chars().take(NAME_CHARS_MAX).collect();
            let detail = format!("has a name or a value of more than {VALUE_BYTES_MAX} bytes");
            return Err(Problem::parameter(name, &detail));
        }
        let id = id.into_owned();
        let named = match name.strip_prefix(REFERENCE) {
            Some(reference) if !reference.is_empty() => Named::Reference {
                project_id,
                name: reference.to_owned(),
                id,
            },
            None if name == "user" => Named::User { project_id, id },
            _ => {
                let detail = "is no parameter here; there are user and reference.NAME";
                return Err(Problem::parameter(name.into_owned(), detail));
            }
        };
        wanted.insert(named);
        if wanted.len() > IDS_MAX {
            let detail =
                format!("and the references are {IDS_MAX} at most: ask for the others after these");
            return Err(Problem::parameter("user", &detail));
        }
    }
    wanted.insert(Named::Project {
        id: project_id.to_owned(),
    });
    Ok(wanted.into_iter().collect())
}
