//! A page of a project's activities.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use futures_util::future::try_join;
use serde::Serialize;
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use super::{blocks::BlockPageBody, next_page::linked};
use crate::{
    activity::ActivityBody,
    etag::tagged_json,
    parameters::{Values, parameters},
    permission::Project,
    problem::Problem,
    reach::Reach,
    state::App,
};

/// The body of a page: of activities, or with `group=request` of blocks.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = PageOrBlockPage))]
#[serde(untagged)]
pub(crate) enum ListBody {
    Activities(PageBody),
    Blocks(BlockPageBody),
}

/// A page of activities.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Page))]
pub(crate) struct PageBody {
    /// The activities, in the order that was asked for.
    data: Vec<ActivityBody>,
    /// True if there is a next page.
    has_more: bool,
    /// The place where the next page begins, for the parameter `cursor`.
    next_cursor: Option<String>,
    /// The number of activities on all pages, with `include=total`.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

parameters!(FILTERS, PAGE, GROUPS);

/// List a project's activities
///
/// The newest first, unless `order` says otherwise; those without a time last. Filters combine.
///
/// With `group=request` the page has blocks: the activities of each request together, at the place
/// of the newest of them. Its `limit` bounds the activities on the way, each of which gives a block
/// if it is the newest of its request; so a page may have few blocks, or none, and still a
/// `next_cursor`. Activities that arrive after the first page move no block.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/activities",
    operation_id = "listActivities",
    tag = "activities",
    params(("project_id" = String, Path, description = "The project."), Parameters),
    responses(
        (status = 200, description = "A page.", body = ListBody, headers(
            ("ETag" = String, description = "For `If-None-Match`."),
            ("Link" = String, description = "The next page, if there is one, as `rel=\"next\"`, relative to this one's address."),
        )),
        (status = 304, description = "The page is the one that `If-None-Match` names."),
        crate::problem::WrongParameter,
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn list(
    State(app): State<App>,
    Project(reach): Project,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let values = Parameters::read(query.as_deref())?;
    let body = if values.is_grouped() {
        let page = app.store.blocks(values.block_query(&reach)?).await?;
        ListBody::Blocks(BlockPageBody::new(page, &app.labels))
    } else {
        ListBody::Activities(activities(&app, &reach, &values).await?)
    };
    let response = tagged_json(&headers, &body);
    Ok(linked(response, query.as_deref(), body.next_cursor()))
}

/// Reads a page of activities.
async fn activities(app: &App, reach: &Reach, values: &Values) -> Result<PageBody, Problem> {
    let wanted = values.query(reach)?;
    let filter = values.one("include").map(|_| wanted.filter().clone());
    let counted = async {
        match filter {
            Some(filter) => app.store.count(filter).await.map(Some),
            None => Ok(None),
        }
    };
    let (total, page) = try_join(counted, app.store.timeline(wanted)).await?;
    let activities = page.activities.into_iter();
    Ok(PageBody {
        data: activities
            .map(|activity| ActivityBody::new(activity, &app.labels))
            .collect(),
        has_more: page.next.is_some(),
        next_cursor: page.next.map(|cursor| cursor.to_string()),
        total,
    })
}

impl ListBody {
    fn next_cursor(&self) -> Option<&str> {
        match self {
            Self::Activities(page) => page.next_cursor.as_deref(),
            Self::Blocks(page) => page.next_cursor.as_deref(),
        }
    }
}
