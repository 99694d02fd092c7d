//! The timeline in a browser: what people see of their project, and what they can do with it.

mod access;
mod arriving;
mod filtering;
mod keyboard;
mod leaving;
mod looks;
mod reading;
mod zones;

use serde_json::json;
use tracker_core::Activity;
use tracker_tests::browser::Timeline;

const PAGE: &str = "/projects/proj_rooms";

/// How many rows there are on a page.
const ROWS: usize = 50;

/// IDs as the page has to order them: newest first, and at the same time the greater ID first.
fn newest_first(activities: &[Activity], keep: impl Fn(&Activity) -> bool) -> Vec<String> {
    let mut kept: Vec<_> = activities.iter().filter(|row| keep(row)).collect();
    kept.sort_by_key(|row| (row.created_at, &row.action_id));
    kept.iter().rev().map(|row| row.action_id.clone()).collect()
}

/// The first page of them.
fn first_page(activities: &[Activity], keep: impl Fn(&Activity) -> bool) -> Vec<String> {
    let mut ids = newest_first(activities, keep);
    ids.truncate(ROWS);
    assert!(
        !ids.is_empty(),
        "a filter that lets nothing through proves nothing"
    );
    ids
}

/// Waits until rows, address and chips all say the same; the first page of the rows, that is.
async fn agree(page: &Timeline, filters: &[(&str, &str)], ids: &[String]) {
    let shows = format!(
        "idle() && JSON.stringify(ids().slice(0, {ROWS})) === JSON.stringify({})",
        json!(ids)
    );
    page.until(&format!("the rows of {filters:?}"), &shows)
        .await;
    let filters = filters.iter();
    let mut filters: Vec<_> = filters
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    filters.sort();
    assert_eq!(page.query().await, filters);
    assert_eq!(page.chips().await, filters);
}
