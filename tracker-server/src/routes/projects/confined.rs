//! The list of projects for whoever has a link: [`confined`].

use std::slice;

use tracker_core::timeline::{Filter, LIMIT_MAX, Page, ProjectSummary, ProjectsQuery, Query};

use super::listed::Listed;
use crate::{problem::Problem, state::App, summaries::counted_after, viewer_links::Grant};

/// Lists the project of a link alone. Its numbers are those of what the link lets through, of the
/// newest 1,000 activities at most.
pub(super) async fn confined(
    app: &App,
    grant: Grant,
    query: &ProjectsQuery,
) -> Result<Listed, Problem> {
    let Grant {
        project_id, filter, ..
    } = grant;
    if query.place() >= Some(&*project_id) || !query.finds(&project_id) {
        return Ok(Listed::default());
    }
    let counted_after = counted_after();
    let page = |filter, limit| app.store.timeline(Query::from(filter).limit(limit));
    let recent = filter
        .clone()
        .and(&Filter::all_projects().created_after(counted_after));
    let mut shown = match recent {
        Some(recent) => page(recent, LIMIT_MAX).await?,
        None => Page::default(),
    };
    let is_capped = shown.next.is_some();
    if shown.activities.is_empty() {
        shown = page(filter, 1).await?;
    }
    let ids = slice::from_ref(&project_id);
    let summary = ProjectSummary::of_all(&shown.activities, ids, counted_after).pop();
    let mut summary = summary.unwrap_or_else(|| ProjectSummary::new(project_id, None, 0, 0));
    summary.is_capped = is_capped;
    Ok(Listed {
        summaries: vec![summary],
        next: None,
    })
}
