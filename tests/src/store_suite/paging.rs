//! Timelines: their order, and their pages.

#![expect(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "a behaviour's name says what it proves, and it fails in whatever way is short"
)]

use std::{
    cmp::Reverse,
    sync::atomic::{AtomicUsize, Ordering},
};

use proptest::option;
use tracker_core::{
    Activity,
    timeline::{Cursor, Filter, LIMIT_DEFAULT, LIMIT_MAX, Order, Page, Query},
};

use super::{Subject, activity, distinct_ids, ids, property, read, write};

pub async fn the_newest_activity_comes_first(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let rows = vec![
        activity("p", 20, "a"),
        activity("p", 1_700_000_000_000, "b"),
        activity("p", -5, "c"),
        activity("p", 3, "d"),
        activity("p", i64::MAX, "e"),
        activity("p", i64::MIN, "f"),
        activity("p", 0, "g"),
    ];
    write(&*store, rows).await?;
    for limit in [1, 2, 50] {
        let found = read(&*store, "p", limit).await?;
        assert_eq!(ids(&found), ["e", "b", "a", "d", "g", "c", "f"]);
    }
    Ok(())
}

/// Postgres stores no NUL; a cursor with it has its place in the order all the same.
pub async fn a_cursor_with_a_nul_is_behind_what_is_before_the_nul(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    for time in [Some(1), None] {
        let project = format!("p-{time:?}");
        let rows = ["a", "b", "c"].map(|id| {
            let mut row = activity(&project, 0, &format!("{id}-{time:?}"));
            row.created_at = time;
            row
        });
        write(&*store, rows.to_vec()).await?;
        let mut behind = rows[1].clone();
        behind.action_id += "\0z";
        for (order, expected) in [(Order::Newest, &[1, 0][..]), (Order::Oldest, &[2])] {
            let query = Query::project(&project).order(order);
            let page = store.timeline(query.after(Cursor::after(&behind))).await?;
            let expected: Vec<_> = expected.iter().map(|&row| rows[row].clone()).collect();
            anyhow::ensure!(page.activities == expected, "{order:?}: {page:?}");
        }
    }
    Ok(())
}

pub async fn ids_that_come_before_all_others_are_read_from_both_ends(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    let names = ["", " ", "!", "0", "a"];
    let untimed = names.map(|id| activity("p", None, id));
    let first = names.map(|id| activity("p", i64::MIN, &format!("{id}~")));
    write(&*store, [untimed, first].concat()).await?;
    for order in [Order::Newest, Order::Oldest] {
        let page = store
            .timeline(Query::project("p").order(order))
            .await?
            .activities;
        assert_eq!(page.len(), 10, "{order:?}: {:?}", ids(&page));
    }
    let all = store.scan(None, 50).await?;
    assert_eq!(all.len(), 10, "{:?}", ids(&all));
    let behind_first = store.scan(Some(all[0].action_id.clone()), 50).await?;
    assert_eq!(behind_first, all[1..]);
    Ok(())
}

pub async fn equal_times_are_ordered_by_id(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    for time in [7, i64::MAX] {
        let project_id = time.to_string();
        let named = |id: &str| activity(&project_id, time, &format!("{id}-{time}"));
        write(&*store, ["0b", "00", "ff", "0a"].map(named).to_vec()).await?;
        for limit in [1, 3, 50] {
            let found = read(&*store, &project_id, limit).await?;
            assert_eq!(found, ["ff", "0b", "0a", "00"].map(named));
        }
    }
    Ok(())
}

pub async fn rows_with_no_time_come_last_and_are_paged_through(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    let rows = vec![
        activity("p", None, "2"),
        activity("p", i64::MIN, "1"),
        activity("p", None, "4"),
        activity("p", 5, "0"),
        activity("p", None, "3"),
    ];
    write(&*store, rows).await?;
    for limit in 1..=6 {
        let found = read(&*store, "p", limit).await?;
        assert_eq!(ids(&found), ["0", "1", "4", "3", "2"], "limit {limit}");
    }
    Ok(())
}

pub async fn pages_neither_repeat_nor_skip_while_rows_arrive(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let old: Vec<_> = (0..30)
        .map(|n| activity("p", n / 4, &format!("old-{n:03}")))
        .collect();
    write(&*store, old.clone()).await?;

    let mut query = Query::project("p").limit(4);
    let mut found = Vec::new();
    for arrival in 0..100 {
        let page = store.timeline(query.clone()).await?;
        found.extend(page.activities);
        let Some(next) = page.next else { break };
        query = query.after(next);
        // This row is newer than all that were read.
        let newer = activity("p", 1_000 + arrival, &format!("new-{arrival:03}"));
        write(&*store, vec![newer]).await?;
    }
    assert_eq!(found.len(), old.len());
    assert_eq!(distinct_ids(&found), distinct_ids(&old));
    Ok(())
}

pub async fn a_page_has_no_more_rows_than_its_limit(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let rows = LIMIT_MAX as usize + 1;
    let all = (0..)
        .take(rows)
        .map(|n| activity("p", n, &format!("{n:05}")));
    write(&*store, all.collect::<Vec<_>>()).await?;
    for (query, expected) in [
        (Query::project("p"), LIMIT_DEFAULT),
        (Query::project("p").limit(0), 1),
        (Query::project("p").limit(LIMIT_MAX - 1), LIMIT_MAX - 1),
        (Query::project("p").limit(u32::MAX), LIMIT_MAX),
    ] {
        let page = store.timeline(query).await?;
        assert_eq!(page.activities.len(), expected as usize);
        assert!(page.next.is_some());
    }
    assert_eq!(read(&*store, "p", LIMIT_MAX).await?.len(), rows);
    Ok(())
}

pub async fn a_last_page_that_is_full_leads_nowhere(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let rows = vec![activity("p", 1, "a"), activity("p", None, "b")];
    write(&*store, rows).await?;
    let page = store.timeline(Query::project("p").limit(2)).await?;
    assert_eq!(page.activities.len(), 2);
    assert_eq!(page.next, None);
    Ok(())
}

pub async fn activities_of_other_projects_are_unseen(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let mut of_no_project = activity("", 1, "none");
    of_no_project.project_id = None;
    let rows = vec![
        activity("p", 1, "own"),
        activity("P", 1, "upper case"),
        activity("p ", 1, "with a space"),
        activity("pp", 1, "longer"),
        activity("%", 1, "pattern"),
        of_no_project,
    ];
    write(&*store, rows).await?;
    assert_eq!(ids(&read(&*store, "p", 10).await?), ["own"]);
    assert_eq!(ids(&read(&*store, "%", 10).await?), ["pattern"]);
    let other = store.timeline(Query::project("pp")).await?;
    let after = Cursor::after(&other.activities[0]);
    let page = store.timeline(Query::project("pp").after(after)).await?;
    assert_eq!(page.activities, []);
    Ok(())
}

pub async fn a_project_without_activities_is_an_empty_page(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    for project_id in ["p", ""] {
        let page = store.timeline(Query::project(project_id)).await?;
        assert_eq!((page.activities.len(), page.next), (0, None));
    }
    Ok(())
}

/// Random rows, many with equal times or none, read with random limits.
pub async fn pages_put_together_are_the_sorted_rows(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let projects = AtomicUsize::new(0);
    let times = proptest::collection::vec(option::weighted(0.8, -2..4_i64), 0..40);
    property(48, (times, 1..12_u32), async |(times, limit)| {
        let project_id = &format!("project_{}", projects.fetch_add(1, Ordering::Relaxed));
        // The IDs do not follow the order of the rows, and every collation orders them alike.
        let rows = times.into_iter().enumerate().map(|(n, time)| {
            let id = format!("{:03}-{project_id}", (n * 37) % 101);
            activity(project_id, time, &id)
        });
        let mut rows: Vec<Activity> = rows.collect();
        write(&*store, rows.clone()).await?;
        // `None` is less than any time.
        rows.sort_by_key(|row| Reverse((row.created_at, row.action_id.clone())));
        assert_eq!(read(&*store, project_id, limit).await?, rows);
        Ok(())
    })
}

/// Returns activities of two projects, and of none, some of which have no time.
fn of_several_projects() -> Vec<Activity> {
    let now = 1_795_507_291_000;
    let mut rows: Vec<_> = (0..40_i64)
        .map(|number| {
            let project = if number % 2 == 0 { "p" } else { "q" };
            // From now back for some years, several at one time.
            let time = now - (number / 3).pow(6) * 37;
            activity(project, time, &format!("{number:03}"))
        })
        .collect();
    for (place, time) in [
        (3, None),
        (4, None),
        (5, Some(i64::MAX)),
        (6, Some(i64::MIN)),
    ] {
        rows[place].created_at = time;
    }
    rows[7].project_id = None;
    rows[8].project_id = None;
    rows
}

pub async fn all_projects_are_read_page_by_page_in_the_order_of_time(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    let mut rows = of_several_projects();
    write(&*store, rows.clone()).await?;
    rows.sort_by_key(|row| Reverse((row.created_at, row.action_id.clone())));
    for order in [Order::Newest, Order::Oldest] {
        for limit in [1, 7, 40] {
            let mut found = Vec::new();
            let mut next = Some(
                Query::from(Filter::all_projects())
                    .order(order)
                    .limit(limit),
            );
            while let Some(query) = next {
                let page = store.timeline(query.clone()).await?;
                next = page.next.map(|cursor| query.after(cursor));
                found.extend(page.activities);
            }
            assert_eq!(ids(&found), ids(&rows), "{order:?}, {limit}");
        }
        rows.reverse();
    }
    Ok(())
}

pub async fn all_projects_are_narrowed_by_time_and_by_other_conditions(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    let rows = of_several_projects();
    write(&*store, rows.clone()).await?;
    let since = 1_795_507_291_000 - 5_000_000;
    let filters = [
        Filter::all_projects(),
        Filter::all_projects().created_after(since),
        Filter::all_projects().created_before(since),
        Filter::all_projects()
            .created_after(since)
            .created_before(since + 4_000_000),
        Filter::all_projects().user_id("nobody"),
        Filter::all_projects()
            .status("success")
            .created_after(since),
    ];
    for filter in filters {
        for order in [Order::Newest, Order::Oldest] {
            let query = Query::from(filter.clone()).order(order).limit(40);
            let expected = Page::from_all(&query, &rows);
            let page = store.timeline(query).await?;
            assert_eq!(
                ids(&page.activities),
                ids(&expected.activities),
                "{filter:?}"
            );
        }
        let matching = rows.iter().filter(|row| filter.matches(row)).count();
        assert_eq!(store.count(filter).await?, matching as u64);
    }
    Ok(())
}
