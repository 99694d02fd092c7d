//! `tracker projects`.

use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;
use tracker_core::{
    Store, StoreError,
    timeline::{ProjectSummary, ProjectsQuery},
};

use super::{
    columns::{padded, shown, width},
    failure::note,
    limit::LimitArguments,
    moment,
    number::grouped,
    output::Output,
    settings::Settings,
};

/// The time for which activities are counted.
const COUNTED_OVER: Duration = Duration::from_hours(30 * 24);

/// The number of projects that are read and printed at once.
const AT_ONCE: u32 = 200;

const HEADER: [&str; 4] = ["PROJECT", "LAST ACTIVITY (UTC)", "IN 30 DAYS", "FAILED"];

const EXAMPLES: &str = "\
Examples:
  tracker projects
  tracker projects --search acme
  tracker projects --all | jq -r 'select(.failures_30_days > 0).project_id'

A terminal gets a table, with times in UTC; anything else gets a line of JSON for each project. Of a project with very many activities, the newest 10,000 are counted.";

/// Lists the projects that have activities, with what was done last
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// With this text in the ID; A to Z equal a to z
    #[arg(short, long, value_name = "TEXT")]
    search: Option<String>,
    #[command(flatten)]
    limit: LimitArguments,
    /// As JSON, one project on each line, in a terminal too
    #[arg(long)]
    json: bool,
}

/// A line of JSON, under the names that the API has.
#[derive(Serialize)]
struct Line<'a> {
    project_id: &'a str,
    last_activity_at: Option<i64>,
    activities_30_days: u64,
    failures_30_days: u64,
    is_capped: bool,
}

pub(crate) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<()> {
    let store = settings.open()?;
    let mut query = ProjectsQuery::default();
    if let Some(text) = &arguments.search {
        query = query.search(text);
    }
    let created_after = moment::before_now(COUNTED_OVER);
    let is_table = !arguments.json && Output::is_terminal();
    let mut output = Output::new();
    let mut left = arguments.limit.most();
    let (mut next, mut id_width) = (Some(query.clone()), None);
    while let Some(page) = next.take_if(|_| left > 0) {
        let limit = u32::try_from(left).unwrap_or(AT_ONCE).min(AT_ONCE);
        let read = read(&*store, page.limit(limit), created_after).await;
        let (projects, behind) = read.context("can't list the projects")?;
        left = left.saturating_sub(projects.len() as u64);
        next = behind.map(|id| query.clone().after(id));
        if !is_table {
            for project in &projects {
                output.json(&Line::from(project))?;
            }
        } else if !projects.is_empty() {
            output.text(&table(&projects, &mut id_width))?;
        }
        output.flush()?;
    }
    if is_table {
        if id_width.is_none() {
            note(&format!("no such projects in {}", store.describe()));
        } else if next.is_some() {
            note("there are more: --limit N, or --all");
        }
    }
    Ok(())
}

/// Reads a page of projects, and the ID after which the next one begins.
async fn read(
    store: &dyn Store,
    query: ProjectsQuery,
    created_after: i64,
) -> Result<(Vec<ProjectSummary>, Option<String>), StoreError> {
    let page = store.projects(query).await?;
    let summaries = store.project_summaries(page.project_ids, created_after);
    Ok((summaries.await?, page.next))
}

impl<'a> From<&'a ProjectSummary> for Line<'a> {
    fn from(project: &'a ProjectSummary) -> Self {
        Self {
            project_id: &project.project_id,
            last_activity_at: project.last_activity_at,
            activities_30_days: project.activities,
            failures_30_days: project.failures,
            is_capped: project.is_capped,
        }
    }
}

/// Returns a line for each project. The first page has the header, and decides the width of the
/// IDs.
fn table(projects: &[ProjectSummary], id_width: &mut Option<usize>) -> String {
    let header = id_width.is_none().then(|| HEADER.map(str::to_owned));
    let rows = projects.iter().map(|project| {
        let counted = |count| grouped(count) + if project.is_capped { "+" } else { "" };
        let last = project.last_activity_at.map(moment::shown);
        [
            project.project_id.clone(),
            last.unwrap_or_default(),
            counted(project.activities),
            counted(project.failures),
        ]
    });
    let ids = projects
        .iter()
        .map(|project| width(&shown(&project.project_id)));
    let id_width = *id_width.get_or_insert_with(|| ids.max().unwrap_or(0));
    let mut widths = HEADER.map(width);
    widths[0] = widths[0].max(id_width);
    padded(header.into_iter().chain(rows), widths.map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_page_is_as_wide_as_the_first_in_any_script() {
        let of = |project_id: &str| ProjectSummary {
            project_id: project_id.to_owned(),
            last_activity_at: Some(1_795_507_291_000),
            activities: 1,
            failures: 0,
            is_capped: false,
        };
        let mut id_width = None;
        let first = table(&[of("日本語のプロジェクト")], &mut id_width);
        let second = table(&[of("project_7")], &mut id_width);
        expect_test::expect![[r"
            PROJECT               LAST ACTIVITY (UTC)  IN 30 DAYS  FAILED
            日本語のプロジェクト  2026-11-24 08:01:31  1           0
            project_7             2026-11-24 08:01:31  1           0
        "]]
        .assert_eq(&(first + &second));
    }
}
