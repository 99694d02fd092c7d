//! The list of projects: their IDs in pages, a search, and the numbers of each.

#![expect(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "a behaviour's name says what it proves, and it fails in whatever way is short"
)]

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use proptest::{option, prelude::*, sample::select};
use tracker_core::{
    Activity, Status,
    timeline::{ProjectSummary, ProjectsQuery},
};

use super::{PAGES_MAX, Subject, activity, property, write};
use crate::filters::activities;

/// Returns the IDs on all pages of a query, and writes a row of a project between each two.
async fn all_ids(
    store: &Subject,
    query: ProjectsQuery,
    arriving: impl Fn(usize) -> Option<Activity>,
) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut next = Some(query.clone());
    for number in 0..PAGES_MAX {
        let Some(page) = next.take() else {
            return Ok(found);
        };
        let page = store.projects(page).await?;
        found.extend(page.project_ids);
        next = page.next.map(|id| query.clone().after(id));
        if let Some(row) = arriving(number) {
            write(&**store, vec![row]).await?;
        }
    }
    anyhow::bail!("more than {PAGES_MAX} pages")
}

pub async fn each_project_is_on_one_page_while_others_arrive(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    // Collations differ in the order of these, and no page depends on it.
    let ids = [
        "b",
        "B",
        "a",
        "ä",
        "A b",
        "a-b",
        "ab",
        "_",
        "project_10",
        "project_9",
        "ß",
        "10",
        "9",
    ];
    let rows = ids.iter().flat_map(|id| {
        let row = |number: i64| activity(id, number, &format!("{id} {number}"));
        [row(1), row(2), activity(id, None, &format!("{id} untimed"))]
    });
    let mut rows: Vec<_> = rows.collect();
    for (number, row) in rows.iter_mut().enumerate() {
        row.action_id = format!("row-{number:03}");
    }
    let mut unnamed = activity("", 3, "unnamed");
    let empty = unnamed.clone();
    unnamed.project_id = None;
    "no project".clone_into(&mut unnamed.action_id);
    rows.extend([empty, unnamed]);
    write(&*store, rows).await?;

    let expected: BTreeSet<_> = ids.into_iter().map(str::to_owned).collect();
    let mut whole = Vec::new();
    for limit in [1, 2, 5, 13, 50] {
        let query = ProjectsQuery::default().limit(limit);
        let arriving = |number| {
            let id = format!("arriving {number}");
            (limit == 2).then(|| activity(&id, 1, &id))
        };
        let mut found = all_ids(&store, query, arriving).await?;
        found.retain(|id| !id.starts_with("arriving"));
        assert_eq!(found.len(), expected.len(), "{found:?}");
        assert_eq!(found.iter().cloned().collect::<BTreeSet<_>>(), expected);
        whole.push(found);
    }
    assert!(whole.windows(2).all(|pair| pair[0] == pair[1]), "{whole:?}");
    Ok(())
}

pub async fn a_search_finds_a_part_of_the_id_without_the_case_of_a_to_z(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    let ids = ["Acme", "acme-site", "my_ACME", "Ärger", "other", "100%"];
    let rows = ids.map(|id| activity(id, 1, id));
    write(&*store, rows.to_vec()).await?;
    for (search, expected) in [
        ("aCmE", &["Acme", "acme-site", "my_ACME"][..]),
        ("Ä", &["Ärger"]),
        ("ä", &[]),
        ("%", &["100%"]),
        ("_", &["my_ACME"]),
        ("", &ids),
        ("\0", &[]),
    ] {
        let query = ProjectsQuery::default().search(search).limit(2);
        let found = all_ids(&store, query, |_| None).await?;
        let found: BTreeSet<_> = found.iter().map(String::as_str).collect();
        let expected: BTreeSet<_> = expected.iter().copied().collect();
        assert_eq!(found, expected, "{search}");
    }
    // Postgres stores no NUL; an ID with it has its place in the order all the same.
    for (after, first) in [("\0", "100%"), ("100%\0", "Acme"), ("other\0", "Ärger")] {
        let query = ProjectsQuery::default().after(after);
        let found = store.projects(query).await?.project_ids;
        anyhow::ensure!(found.contains(&first.to_owned()), "{after:?}: {found:?}");
        let is_at_end = found.iter().any(|id| after.starts_with(&**id));
        anyhow::ensure!(!is_at_end, "{after:?}: {found:?}");
    }
    Ok(())
}

/// The summaries of a store equal those of plain Rust.
pub async fn any_project_is_summarized_as_its_rows_say(store: Subject) -> anyhow::Result<()> {
    const PROJECTS: [&str; 3] = ["p", "q", "r"];

    store.migrate().await?;
    let cases = AtomicUsize::new(0);
    let statuses = select(&["success", "failure", "panicked", "cancelled", "on hold"][..]);
    let project = option::of(select(&PROJECTS[..]));
    let row = (activities("p"), project, option::of(statuses));
    let values = (prop::collection::vec(row, 0..30), -3..7_i64);
    property(16, values, async |(rows, created_after)| {
        let case = cases.fetch_add(1, Ordering::Relaxed);
        let name = |project: &str| format!("{project}-{case:03}");
        let rows = rows.into_iter().enumerate();
        let rows = rows.map(|(number, (mut row, project, status))| {
            row.action_id = format!("case-{case:03}-{number:03}");
            row.project_id = project.map(name);
            row.status = status.map(Status::from);
            row
        });
        let rows: Vec<_> = rows.collect();
        write(&*store, rows.clone()).await?;
        let asked = ["r", "nobody", "p", "\0", "q"].map(name).to_vec();
        let expected = summaries(&rows, &asked, created_after);
        let found = store.project_summaries(asked, created_after).await?;
        anyhow::ensure!(found == expected, "{found:?}, not {expected:?}");
        Ok(())
    })
}

/// Summarizes projects by what the words mean.
fn summaries(rows: &[Activity], ids: &[String], created_after: i64) -> Vec<ProjectSummary> {
    let mut summaries = Vec::new();
    for id in ids {
        let own = rows
            .iter()
            .filter(|row| row.project_id.as_ref() == Some(id));
        let own: Vec<_> = own.collect();
        if own.is_empty() {
            continue;
        }
        let recent = own
            .iter()
            .filter(|row| row.created_at >= Some(created_after));
        let failed = recent.clone().filter(|row| {
            let status = row.status.as_ref().map(Status::as_str);
            matches!(status, Some("failure" | "panicked" | "cancelled"))
        });
        summaries.push(ProjectSummary {
            project_id: id.clone(),
            last_activity_at: own.iter().filter_map(|row| row.created_at).max(),
            activities: recent.clone().count() as u64,
            failures: failed.count() as u64,
            is_capped: false,
        });
    }
    summaries
}
