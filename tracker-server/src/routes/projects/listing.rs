//! A page of the projects that a reader may see: [`list`].

use axum::http::{StatusCode, request::Parts};
use tracker_core::timeline::ProjectsQuery;

use super::{confined::confined, listed::Listed};
use crate::{
    authorize::{Decision, VisibleProjects},
    problem::Problem,
    state::App,
};

/// The number of projects that are asked for before each is decided on.
const ASKED_AT_ONCE: u32 = 500;

/// The most projects that are decided on, or looked up, for one page.
const ASKED_MAX: usize = 5_000;

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
        if looked_up >= ASKED_MAX && looked_up < ids.len() {
            page.next = some.last().cloned();
            return Ok(page);
        }
    }
    Ok(page)
}

/// Finds the projects that are allowed when each is decided on, and the ID after which the next
/// page begins.
///
/// Each project is decided on before it is searched. A page ends behind a project that the reader
/// may see, so that its cursor names no other.
async fn asked(
    app: &App,
    request: &Parts,
    query: &ProjectsQuery,
) -> Result<(Vec<String>, Option<String>), Problem> {
    // An unknown sender is told so even if there are no projects.
    if app.decision(request, "").await == Decision::Unauthenticated {
        return Err(app.unauthenticated());
    }
    let limit = query.page_limit() as usize;
    let mut found: Vec<String> = Vec::new();
    let mut last_seen = None;
    let mut asked_for = 0;
    let mut after = query.place().map(str::to_owned);
    loop {
        let ids = app.store.project_ids(after.take(), ASKED_AT_ONCE).await?;
        let is_last = ids.len() < ASKED_AT_ONCE as usize;
        asked_for += ids.len();
        after = ids.last().cloned();
        for id in ids {
            if !may_see(app, request, &id).await? {
                continue;
            }
            if query.finds(&id) {
                if found.len() == limit {
                    let next = found.last().cloned();
                    return Ok((found, next));
                }
                found.push(id.clone());
            }
            last_seen = Some(id);
        }
        if is_last {
            return Ok((found, None));
        }
        if asked_for >= ASKED_MAX {
            let next = last_seen.ok_or_else(cannot_list)?;
            return Ok((found, Some(next)));
        }
    }
}

async fn may_see(app: &App, request: &Parts, project_id: &str) -> Result<bool, Problem> {
    match app.decision(request, project_id).await {
        Decision::Allowed | Decision::AllowedUntil(_) => Ok(true),
        Decision::Unauthenticated => Err(app.unauthenticated()),
        Decision::Denied => Ok(false),
    }
}

fn cannot_list() -> Problem {
    Problem::new(
        StatusCode::NOT_IMPLEMENTED,
        "this server does not know which projects you can see, and there are too many to try each: open yours by its address",
    )
}
