//! The list of projects for whoever has a link: [`confined`].

use tracker_core::{
    Status,
    timeline::{LIMIT_MAX, ProjectSummary, ProjectsQuery, Query},
};

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
    let mut listed = Listed {
        summaries: Vec::new(),
        next: None,
    };
    if query.place() >= Some(&*project_id) || !query.finds(&project_id) {
        return Ok(listed);
    }
    let newest = Query::from(filter).limit(LIMIT_MAX);
    let page = app.store.timeline(newest).await?;
    let after = counted_after();
    let recent = page.activities.iter();
    let recent = recent.filter(|activity| activity.created_at.is_some_and(|at| at >= after));
    let failed = recent.clone().filter(|activity| {
        let status = activity.status.as_ref();
        status.is_some_and(|status| {
            matches!(
                status,
                Status::Failure | Status::Panicked | Status::Cancelled
            )
        })
    });
    let (activities, failures) = (recent.clone().count(), failed.count());
    let first = page.activities.first();
    listed.summaries.push(ProjectSummary {
        project_id,
        last_activity_at: first.and_then(|activity| activity.created_at),
        activities: activities as u64,
        failures: failures as u64,
        is_capped: page.next.is_some() && activities == page.activities.len(),
    });
    Ok(listed)
}
