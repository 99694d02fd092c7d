//! A page of the projects that a reader may see: [`list`].

use axum::http::request::Parts;
use tracker_core::timeline::ProjectsQuery;

use super::{asked::asked, confined::confined, listed::Listed};
use crate::{authorize::VisibleProjects, problem::Problem, state::App};

/// The most projects that are looked up for one page.
const LOOKED_UP_MAX: usize = 5_000;

/// Lists the projects that the sender of a request may see.
///
/// Nothing is counted for any other project, and none is searched, so that the time that it takes
/// tells nothing of their names and activities.
pub(super) async fn list(
    app: &App,
    request: &Parts,
    query: &ProjectsQuery,
) -> Result<Listed, Problem> {
    if let Some(grant) = app.viewers.grant(request)? {
        return confined(app, grant, query).await;
    }
    match app.authorize.projects(request).await {
        VisibleProjects::All => {
            let page = app.store.projects(query.clone()).await?;
            listed(app, &page.project_ids, page.next).await
        }
        VisibleProjects::These(ids) => these(app, ids, query).await,
        VisibleProjects::AskEach => {
            let (ids, next) = asked(app, request, query).await?;
            listed(app, &ids, next).await
        }
        VisibleProjects::Unauthenticated => Err(app.unauthenticated()),
    }
}

async fn listed(app: &App, ids: &[String], next: Option<String>) -> Result<Listed, Problem> {
    let summaries = app.summaries.of(&*app.store, ids).await?;
    Ok(Listed { summaries, next })
}

/// Looks up the projects with these IDs, in the order of their bytes.
async fn these(app: &App, mut ids: Vec<String>, query: &ProjectsQuery) -> Result<Listed, Problem> {
    let is_wanted = |id: &String| !id.is_empty() && query.place() < Some(&**id) && query.finds(id);
    ids.retain(is_wanted);
    ids.sort_unstable();
    ids.dedup();
    let limit = query.page_limit() as usize;
    let mut page = Listed::default();
    let mut looked_up = 0;
    // One more than the page may have shows that there is a next page.
    for some in ids.chunks(limit + 1) {
        page.summaries
            .extend(app.summaries.of(&*app.store, some).await?);
        looked_up += some.len();
        if page.summaries.len() > limit {
            page.summaries.truncate(limit);
            let last = page.summaries.last();
            page.next = last.map(|summary| summary.project_id.clone());
            return Ok(page);
        }
        if looked_up >= LOOKED_UP_MAX && looked_up < ids.len() {
            page.next = some.last().cloned();
            return Ok(page);
        }
    }
    Ok(page)
}
