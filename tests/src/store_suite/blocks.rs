//! Blocks: the activities of each request together, page by page.

#![expect(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "a behaviour's name says what it proves, and it fails in whatever way is short"
)]

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use proptest::prelude::*;
use tracker_core::{
    Activity,
    timeline::{BLOCK_ACTIVITIES_MAX, Block, BlockCursor, BlockPage, BlockQuery, Order},
};

use super::{PAGES_MAX, Subject, activity, property, write};
use crate::filters::{Wanted, activities, wanted};

/// The place of a row; that of a newer one is greater.
type Place = (Option<i64>, String);

fn place(row: &Activity) -> Place {
    (row.created_at, row.action_id.clone())
}

/// The progress of a reader.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// The newest row when the first page was read.
    top: Option<Place>,
    /// The last row on the way.
    after: Option<Place>,
}

/// The page that comes next among these rows, in plain Rust, and the progress behind it; `None` if
/// it is the last.
fn expected(
    rows: &[Activity],
    wanted: &Wanted,
    (order, limit): (Order, u32),
    progress: &Progress,
) -> (Vec<Block>, Option<Progress>) {
    let meant = rows.iter().filter(|row| wanted.means(row));
    let top = progress.top.clone();
    let Some(top) = top.or_else(|| meant.clone().map(place).max()) else {
        return (Vec::new(), None);
    };
    let mut below: Vec<_> = meant.filter(|row| place(row) <= top).collect();
    below.sort_by_key(|row| place(row));
    let is_next = |row: &Activity| match (&progress.after, order) {
        (None, _) => true,
        (Some(after), Order::Newest) => place(row) < *after,
        (Some(after), Order::Oldest) => place(row) > *after,
    };
    let mut way: Vec<_> = below.iter().filter(|row| is_next(row)).collect();
    if order == Order::Newest {
        way.reverse();
    }
    let mut blocks = Vec::new();
    for row in way.iter().take(limit as usize) {
        let of_block: Vec<_> = below
            .iter()
            .filter(|other| match &row.request_id {
                Some(_) => other.request_id == row.request_id,
                None => other.action_id == row.action_id,
            })
            .collect();
        if of_block.last().map(|newest| place(newest)) == Some(place(row)) {
            let skipped = of_block.len().saturating_sub(BLOCK_ACTIVITIES_MAX);
            let given = of_block.iter().skip(skipped);
            blocks.push(Block {
                request_id: row.request_id.clone(),
                activities: given.map(|row| (**row).clone()).collect(),
                has_more: skipped > 0,
            });
        }
    }
    let has_more = way.len() > limit as usize;
    let last = way.get(limit as usize - 1).filter(|_| has_more);
    let next = last.map(|last| Progress {
        top: Some(top),
        after: Some(place(last)),
    });
    (blocks, next)
}

fn orders() -> impl Strategy<Value = Order> {
    prop_oneof![Just(Order::Newest), Just(Order::Oldest)]
}

/// Gives rows their project, and IDs that do not follow the rows' order and that every collation
/// orders alike.
fn numbered(mut rows: Vec<Activity>, case: &str) -> Vec<Activity> {
    for (number, row) in rows.iter_mut().enumerate() {
        row.action_id = format!("{case}-{:03}", (number * 37) % 101);
        row.project_id = Some(case.to_owned());
    }
    rows
}

/// Returns the query of the page behind a cursor, which has been a text in between.
fn behind(query: &BlockQuery, cursor: &BlockCursor) -> anyhow::Result<BlockQuery> {
    Ok(query.clone().after(cursor.to_string().parse()?))
}

/// Rows of any time arrive between the pages, and each page is the one of the rows of its moment.
pub async fn pages_of_blocks_are_those_of_plain_rust_whatever_arrives(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    let cases = AtomicUsize::new(0);
    let rows = prop::collection::vec(activities("p"), 0..50);
    let values = (rows, wanted(), orders(), 1..9_u32, 0..3_usize);
    property(
        40,
        values,
        async |(rows, wanted, order, limit, arriving)| {
            let case = format!("case_{:03}", cases.fetch_add(1, Ordering::Relaxed));
            let mut late = numbered(rows, &case);
            let mut rows = late.split_off(late.len() / 3);
            write(&*store, rows.clone()).await?;
            let query = BlockQuery::from(wanted.filter(&case))
                .order(order)
                .limit(limit);
            let mut next = Some((query.clone(), Progress::default()));
            while let Some((of_page, progress)) = next.take() {
                let page = store.blocks(of_page).await?;
                let (blocks, behind_it) = expected(&rows, &wanted, (order, limit), &progress);
                anyhow::ensure!(page.blocks == blocks, "{page:?}, not {blocks:?}");
                anyhow::ensure!(page.next.is_some() == behind_it.is_some(), "{page:?}");
                if let Some((cursor, progress)) = page.next.as_ref().zip(behind_it) {
                    next = Some((behind(&query, cursor)?, progress));
                }
                let arrived = late.split_off(late.len().saturating_sub(arriving));
                if !arrived.is_empty() {
                    rows.extend(arrived.iter().cloned());
                    write(&*store, arrived).await?;
                }
            }
            Ok(())
        },
    )
}

/// Newer rows arrive between the pages, of the same requests too. All pages together have the
/// blocks as they were when the first one was read.
pub async fn newer_arrivals_neither_repeat_nor_change_a_block(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    for order in [Order::Newest, Order::Oldest] {
        let project_id = format!("{order:?}");
        let rows = (0..40_i64).map(|n| {
            let row = activity(
                &project_id,
                (n > 2).then_some(n / 3),
                &format!("{order:?}-{n:03}"),
            );
            match n % 7 {
                0 => row,
                request => row.request_id(format!("req_{request}")),
            }
        });
        write(&*store, rows.collect::<Vec<_>>()).await?;
        let whole = store
            .blocks(BlockQuery::project(&project_id).order(order))
            .await?;
        anyhow::ensure!(
            whole.next.is_none() && whole.blocks.len() == 12,
            "{whole:?}"
        );

        let query = BlockQuery::project(&project_id).order(order).limit(4);
        let mut blocks = Vec::new();
        let mut next = Some(query.clone());
        for page in 0..PAGES_MAX {
            let Some(query_of_page) = next.take() else {
                break;
            };
            let found = store.blocks(query_of_page).await?;
            blocks.extend(found.blocks);
            next = found
                .next
                .map(|cursor| behind(&query, &cursor))
                .transpose()?;
            let id = format!("{order:?}-new-{page:03}");
            let newer = activity(&project_id, 1_000, &id).request_id(format!("req_{}", page % 7));
            write(&*store, vec![newer]).await?;
        }
        assert_eq!(blocks, whole.blocks, "{order:?}");
    }
    Ok(())
}

/// A request of more rows than a page walks is one block of its newest rows, and the other pages on
/// the way have none of it.
pub async fn a_long_request_is_one_block_of_its_newest_rows(store: Subject) -> anyhow::Result<()> {
    store.migrate().await?;
    let most = i64::try_from(BLOCK_ACTIVITIES_MAX)?;
    for (project_id, rows) in [("full", most), ("longer", most + 1), ("longest", 3 * most)] {
        let all = (0..rows).map(|n| activity(project_id, n, &format!("{project_id}-{n:04}")));
        let mut all: Vec<_> = all.map(|row| row.request_id("long")).collect();
        all.push(activity(project_id, -1, &format!("{project_id}-other")));
        write(&*store, all.clone()).await?;

        let query = BlockQuery::project(project_id).limit(50);
        let mut pages = Vec::new();
        let mut next = Some(query.clone());
        while let Some(of_page) = next.take() {
            let page: BlockPage = store.blocks(of_page).await?;
            next = page
                .next
                .as_ref()
                .map(|cursor| behind(&query, cursor))
                .transpose()?;
            pages.push(page);
            anyhow::ensure!(pages.len() <= PAGES_MAX, "pages without an end");
        }
        assert_eq!(pages.len(), all.len().div_ceil(50));
        let (alone, long) = (all.pop(), all);
        let long = &long[long.len() - BLOCK_ACTIVITIES_MAX..];
        let [first, .., last] = &*pages else {
            anyhow::bail!("one page: {pages:?}");
        };
        assert_eq!(first.blocks.len(), 1);
        assert_eq!(first.blocks[0].request_id.as_deref(), Some("long"));
        assert_eq!(first.blocks[0].activities, long);
        assert_eq!(first.blocks[0].has_more, rows > most);
        assert_eq!(last.blocks.len(), 1);
        assert_eq!(last.blocks[0].request_id, None);
        assert_eq!(Some(&last.blocks[0].activities[0]), alone.as_ref());
        let between = pages[1..pages.len() - 1].iter();
        assert_eq!(between.map(|page| page.blocks.len()).sum::<usize>(), 0);
    }
    Ok(())
}

/// Requests whose IDs differ in little are apart, and so are those of other projects.
pub async fn a_block_has_rows_of_its_own_request_and_project_alone(
    store: Subject,
) -> anyhow::Result<()> {
    store.migrate().await?;
    let requests = ["r", "R", "r ", "", "%", "r_", "'r'", "{r}"];
    let rows = requests.iter().enumerate().flat_map(|(number, request)| {
        ["p", "q"].map(|project_id| {
            let id = format!("{project_id}-{number}");
            activity(project_id, 1, &id).request_id(request)
        })
    });
    write(&*store, rows.collect::<Vec<_>>()).await?;
    let page = store.blocks(BlockQuery::project("p")).await?;
    let found: BTreeSet<_> = page
        .blocks
        .iter()
        .map(|block| {
            let ids = block.activities.iter().map(|row| &*row.action_id);
            (block.request_id.as_deref(), ids.collect::<Vec<_>>())
        })
        .collect();
    let ids: Vec<_> = (0..requests.len()).map(|n| format!("p-{n}")).collect();
    let expected = requests.iter().zip(&ids);
    assert_eq!(
        found,
        expected
            .map(|(request, id)| (Some(*request), vec![&**id]))
            .collect()
    );
    Ok(())
}
