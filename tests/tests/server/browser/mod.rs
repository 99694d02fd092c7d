//! The timeline in a browser: its display and its controls.

mod access;
mod arriving;
mod counting;
mod filtering;
mod keyboard;
mod languages;
mod leaving;
mod looks;
mod reading;
mod times;
mod zones;

use serde_json::json;
use tracker_core::Activity;
use tracker_tests::browser::Timeline;

const PAGE: &str = "/projects/proj_rooms";

/// The number of rows on a page.
const ROWS: usize = 50;

/// Returns the IDs in the order of the page: newest first, and for equal times the greater ID
/// first.
fn newest_first(activities: &[Activity], keep: impl Fn(&Activity) -> bool) -> Vec<String> {
    let mut kept: Vec<_> = activities.iter().filter(|row| keep(row)).collect();
    kept.sort_by_key(|row| (row.created_at, &row.action_id));
    kept.iter().rev().map(|row| row.action_id.clone()).collect()
}

/// Returns the IDs of the first page.
fn first_page(activities: &[Activity], keep: impl Fn(&Activity) -> bool) -> Vec<String> {
    let mut ids = newest_first(activities, keep);
    ids.truncate(ROWS);
    assert!(
        !ids.is_empty(),
        "a filter that lets nothing through proves nothing"
    );
    ids
}

/// Waits until the rows of the first page, the address and the chips all agree.
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
