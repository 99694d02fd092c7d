//! The list of projects for whoever has a link: [`confined`].

use std::slice;

use tracker_core::timeline::{LIMIT_MAX, ProjectSummary, ProjectsQuery, Query};

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
    let newest = Query::from(filter).limit(LIMIT_MAX);
    let page = app.store.timeline(newest).await?;
    let ids = slice::from_ref(&project_id);
    let summary = ProjectSummary::of_all(&page.activities, ids, counted_after()).pop();
    let mut summary = summary.unwrap_or_else(|| ProjectSummary::new(project_id, None, 0, 0));
    summary.is_capped = page.next.is_some() && summary.activities == page.activities.len() as u64;
    Ok(Listed {
        summaries: vec![summary],
        next: None,
    })
}
