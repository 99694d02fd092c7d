//! Reading beyond plain pages: filters, both orders, single activities, counts, arrivals, and
//! pruning.

#![expect(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "a behaviour's name says what it proves, and it fails in whatever way is short"
)]

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use anyhow::Context as _;
use proptest::prelude::*;
use tokio::time::timeout;
use tracker_core::{
    Activity, StoreError,
    store::Pruning,
    timeline::{Arrivals, Counting, Filter, Order, Place, Query, UtcOffsets},
};

use super::{Subject, activity, counting::same_counts, ids, property, write};
use crate::{
    arrivals::all_settled,
    filters::{Wanted, activities, wanted},
};

/// Writes the rows with IDs that do not follow the rows' order, and that every collation orders
/// alike.
async fn numbered(
    store: &Subject,
    mut rows: Vec<Activity>,
    case: &str,
) -> anyhow::Result<Vec<Activity>> {
    for (number, row) in rows.iter_mut().enumerate() {
        row.action_id = format!("{case}-{:03}", (number * 37) % 101);
        row.project_id = Some(case.to_owned());
    }
    write(&**store, rows.clone()).await?;
    Ok(rows)
}

/// A store's filter equals the same filter in plain Rust, in either order, by pages and by an
/// offset.
pub async fn any_filter_finds_what_it_means(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let cases = AtomicUsize::new(0);
    let rows = prop::collection::vec(activities("p"), 0..40);
    let filters = prop::collection::vec((wanted(), any::<bool>(), 1..12_u32, 0..20_u32), 8);
    property(24, (rows, filters), async |(rows, filters)| {
        let project_id = format!("case_{:03}", cases.fetch_add(1, Ordering::Relaxed));
        let rows = numbered(&store, rows, &project_id).await?;
        for (wanted, is_oldest, limit, offset) in filters {
            let expected = expected(&rows, &wanted, is_oldest);
            let order = if is_oldest {
                Order::Oldest
            } else {
                Order::Newest
            };
            let filter = wanted.filter(&project_id);
            let query = Query::from(filter.clone()).order(order).limit(limit);

            let mut found = Vec::new();
            let mut next = Some(query.clone());
            while let Some(page) = next.take() {
                let page = store.timeline(page).await?;
                found.extend(page.activities);
                next = page.next.map(|cursor| query.clone().after(cursor));
                anyhow::ensure!(found.len() <= rows.len(), "pages without an end");
            }
            anyhow::ensure!(found == expected, "{wanted:?}: {found:?}, not {expected:?}");
            let page = store.timeline(query.clone().offset(offset)).await?;
            let rest = expected.iter().skip(offset as usize).take(limit as usize);
            anyhow::ensure!(page.activities.iter().eq(rest), "{wanted:?} from {offset}");
            let count = store.count(filter.clone()).await?;
            anyhow::ensure!(count == expected.len() as u64, "{wanted:?}: {count}");
            same_counts(&store, filter, &expected).await?;
        }
        Ok(())
    })
}

fn expected(rows: &[Activity], wanted: &Wanted, is_oldest: bool) -> Vec<Activity> {
    let meant = rows.iter().filter(|row| wanted.means(row)).cloned();
    let mut meant: Vec<_> = meant.collect();
    // `None` is less than any time.
    meant.sort_by_key(|row| (row.created_at, row.action_id.clone()));
    if !is_oldest {
        meant.reverse();
    }
    meant
}

pub async fn an_activity_is_found_in_its_own_project_alone(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let row = activity("p", 7, "a");
    write(&*store, vec![row.clone()]).await?;
    assert_eq!(store.activity("p", "a").await?, Some(row));
    for (project_id, action_id) in [("q", "a"), ("p", "b"), ("p\0", "a"), ("p", "\0"), ("", "")] {
        assert_eq!(store.activity(project_id, action_id).await?, None);
    }
    Ok(())
}

pub async fn a_filter_that_no_row_can_meet_finds_nothing(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    write(&*store, vec![activity("p", 7, "a").reference("r", "1")]).await?;
    let filter = || Filter::project("p");
    for filter in [
        filter().user_id("\0"),
        filter().text("a\0"),
        filter().action_type("deployment\0"),
        filter().reference("r", "1\0"),
        filter().reference("r", "1").reference("r", "2"),
        filter().created_before(i64::MIN),
        filter().created_after(8).created_before(7),
    ] {
        let page = store.timeline(filter.clone().into()).await?;
        assert_eq!(ids(&page.activities), Vec::<&str>::new(), "{filter:?}");
        assert_eq!(store.count(filter.clone()).await?, 0, "{filter:?}");
        assert_eq!(
            store
                .counts(Counting::by_day(filter, UtcOffsets::default()))
                .await?,
            []
        );
    }
    let twice = filter().reference("r", "1").reference("r", "1");
    assert_eq!(store.count(twice).await?, 1);
    Ok(())
}

pub async fn all_rows_are_read_by_their_ids(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let rows: Vec<_> = (0..25)
        .map(|n| activity(&format!("p{}", n % 3), n, &format!("{n:03}")))
        .collect();
    write(&*store, rows.clone()).await?;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let next = store.scan(after.take(), 10).await?;
        let Some(last) = next.last() else { break };
        after = Some(last.action_id.clone());
        found.extend(next);
    }
    assert_eq!(found, rows);
    Ok(())
}

pub async fn pruning_removes_the_older_rows_in_bounded_steps(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let mut rows: Vec<_> = (0..25)
        .map(|n| activity("p", n, &format!("{n:03}")))
        .collect();
    rows.push(activity("p", None, "no time"));
    write(&*store, rows).await?;
    assert_eq!(store.count_before(20).await?, 20);
    let mut next = Some(Pruning::before(20).limit(15));
    let mut removed = Vec::new();
    while let Some(pruning) = next {
        let pruned = store.prune(pruning).await?;
        assert_eq!(pruned.kept, []);
        removed.push(pruned.removed);
        next = pruned.next;
    }
    assert_eq!(removed[..2], [15, 5]);
    assert_eq!(removed[2..].iter().sum::<u64>(), 0);
    let left = store.timeline(Query::project("p")).await?.activities;
    assert_eq!(ids(&left), ["024", "023", "022", "021", "020", "no time"]);
    // A removed ID can come again.
    write(&*store, vec![activity("p", 1, "001")]).await?;
    assert_eq!(store.count_before(20).await?, 1);
    Ok(())
}

pub async fn what_arrives_is_read_once_in_its_order_however_old_it_is(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    write(&*store, vec![activity("p", 100, "before")]).await?;
    let begin = all_settled(&*store).await;
    // The later rows are older, and one belongs to another project.
    for (number, at) in [(0, 50), (1, 40), (2, 30), (3, 20)] {
        let rows = vec![
            activity("p", at, &format!("a{number}")),
            activity("p", at + 1, &format!("b{number}")),
            activity("q", at, &format!("q{number}")),
        ];
        write(&*store, rows).await?;
    }
    let end = all_settled(&*store).await;
    write(&*store, vec![activity("p", 60, "after")]).await?;

    let arrivals = Arrivals::new(vec!["p".to_owned()], begin.clone(), end.clone());
    let found = store.arrivals(arrivals.clone()).await?;
    let names: Vec<_> = found.iter().map(|(_, row)| &*row.action_id).collect();
    let order = ["a0", "b0", "a1", "b1", "a2", "b2", "a3", "b3"];
    assert_eq!(names, order);
    // Reading resumes after each of them, by the text of its place.
    for (number, (place, _)) in found.iter().enumerate() {
        let place = place.to_string().parse()?;
        let rest = Arrivals::new(vec!["p".to_owned()], place, end.clone());
        let rest = store.arrivals(rest).await?;
        let names: Vec<_> = rest.iter().map(|(_, row)| &*row.action_id).collect();
        assert_eq!(names, order[number + 1..]);
    }
    // Reading ends at each of them, too.
    for (number, (place, _)) in found.iter().enumerate() {
        let some = Arrivals::new(vec!["p".to_owned()], begin.clone(), place.clone());
        let some = store.arrivals(some).await?;
        let names: Vec<_> = some.iter().map(|(_, row)| &*row.action_id).collect();
        assert_eq!(names, order[..=number]);
    }
    let recent = store.arrivals(arrivals.created_after(40)).await?;
    assert_eq!(recent.len(), 4);
    let both = Arrivals::new(vec!["p".to_owned(), "q".to_owned()], begin, end);
    assert_eq!(store.arrivals(both).await?.len(), 12);
    Ok(())
}

pub async fn a_place_of_another_store_is_unknown(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    write(&*store, vec![activity("p", 1, "a"), activity("p", 2, "b")]).await?;
    let own = all_settled(&*store).await;
    // `0.1.<cursor>`, `7.1.<cursor>`, `0.1~5` and `7.1~5` in base64, the row being one that is not
    // there; and `7.1`.
    let others = ["MC4xLk5TNXY", "Ny4xLk5TNXY", "MC4xfjU", "Ny4xfjU", "Ny4x"];
    for other in others.map(str::parse::<Place>) {
        let other = other?;
        let counting = Counting::by_day(Filter::project("p"), UtcOffsets::default());
        let counts = store.counts(counting.arrived_before(other.clone())).await;
        assert!(
            matches!(counts, Err(StoreError::UnknownPlace { .. })),
            "{counts:?}"
        );
        for (after, until) in [(&other, &own), (&other, &other)] {
            let arrivals = Arrivals::new(vec!["p".to_owned()], after.clone(), until.clone());
            let found = store.arrivals(arrivals).await;
            assert!(
                matches!(found, Err(StoreError::UnknownPlace { .. })),
                "{found:?}"
            );
        }
    }
    Ok(())
}

pub async fn who_watches_has_news_of_what_is_written(store: Subject) -> anyhow::Result<()> {
    const LIMIT: Duration = Duration::from_secs(30);

    store.migrate().await?;
    let mut watch = store.watch().await?;
    let mut number = 0;
    // At the beginning there may be news of nothing.
    for _ in 0..3 {
        number += 1;
        write(&*store, vec![activity("p", 7, &format!("{number}"))]).await?;
        let news = timeout(LIMIT, watch.changed()).await.context("no news")??;
        assert!(news.is_none_or(|earliest| earliest <= 7), "{news:?}");
    }
    Ok(())
}
