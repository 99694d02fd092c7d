//! The timeline in a browser: its display and its controls.

mod access;
mod addresses;
mod arriving;
mod blocks;
mod counting;
mod embedded;
mod filtering;
mod folds;
mod keyboard;
mod languages;
mod leaving;
mod loading;
mod looks;
mod merging;
mod model;
mod names;
mod places;
mod projects;
mod reading;
mod sharing;
mod storage;
mod suggesting;
mod times;
mod viewer_links;
mod zones;

use std::collections::HashSet;

use serde_json::json;
use tracker_core::Activity;
use tracker_tests::browser::{NARROW, Scheme, Timeline, WIDE, keep_picture};

pub(crate) const PAGE: &str = "/projects/proj_rooms";

/// The number of rows on a page.
const ROWS: usize = 50;

/// Returns the IDs in the order of the page: newest first, and for equal times the greater ID
/// first.
fn newest_first(activities: &[Activity], keep: impl Fn(&Activity) -> bool) -> Vec<String> {
    let mut kept: Vec<_> = activities.iter().filter(|row| keep(row)).collect();
    kept.sort_by_key(|row| (row.created_at, &row.action_id));
    kept.iter().rev().map(|row| row.action_id.clone()).collect()
}

/// What the timeline shows from the top on, by the keys of its entries.
pub(crate) struct FirstPage {
    keys: Vec<String>,
    /// True if there is nothing else.
    is_all: bool,
}

/// Returns the entries of the first page, without a fold that may go on below.
pub(crate) fn first_page(activities: &[Activity], keep: impl Fn(&Activity) -> bool) -> FirstPage {
    let kept: Vec<_> = activities.iter().filter(|row| keep(row)).cloned().collect();
    let ids = newest_first(&kept, |_| true);
    let walked: HashSet<_> = ids.iter().take(ROWS).collect();
    let blocks = model::blocks(&kept);
    let heads = blocks.iter().map(|block| &block[0].action_id);
    let mut blocks_left = heads.filter(|id| walked.contains(id)).count();
    let days = model::days(&kept);
    let entries: Vec<_> = days.iter().flat_map(|(_, entries)| entries).collect();
    let whole = entries.iter().take_while(|entry| {
        let left = blocks_left.checked_sub(entry.blocks());
        left.inspect(|left| blocks_left = *left).is_some()
    });
    let keys: Vec<_> = whole.map(|entry| entry.key()).collect();
    assert!(
        !keys.is_empty(),
        "a filter that lets nothing through proves nothing"
    );
    let is_all = keys.len() == entries.len();
    FirstPage { keys, is_all }
}

impl FirstPage {
    /// Returns an expression that is true if the page shows this.
    fn is_shown(&self) -> String {
        let keys = json!(self.keys);
        let count = keys.as_array().map_or(0, Vec::len) + usize::from(self.is_all);
        format!("idle() && JSON.stringify(entries().slice(0, {count})) === JSON.stringify({keys})")
    }
}

/// Checks that a page is accessible, and that nobody has to scroll it sideways.
pub(crate) async fn fits(page: &Timeline, what: &str) {
    page.is_accessible(what).await;
    let widths = "[document.documentElement.scrollWidth, innerWidth]";
    let [content, window]: [f64; 2] = page.value(widths).await;
    assert!(content <= window, "{what}: {content} pixels in {window}");
}

/// Checks the same, and keeps a picture.
async fn looks_well(page: &Timeline, what: &str) {
    fits(page, what).await;
    keep_picture(what, &page.picture().await);
}

/// Looks at a state in both window sizes and colour schemes, and keeps pictures of it.
async fn looks_well_everywhere(page: &Timeline, name: &str, reached: &str) {
    for (size, window) in [("wide", WIDE), ("narrow", NARROW)] {
        page.resize(window).await;
        for scheme in Scheme::ALL {
            page.prefer(scheme).await;
            page.until(name, reached).await;
            let what = format!("{name}-{size}-{}", scheme.name());
            looks_well(page, &what).await;
        }
    }
    page.resize(WIDE).await;
}

/// Waits until the rows of the first page, the address and the chips all agree.
pub(crate) async fn agree(page: &Timeline, filters: &[(&str, &str)], first: &FirstPage) {
    page.until(&format!("the rows of {filters:?}"), &first.is_shown())
        .await;
    let filters = filters.iter();
    let mut filters: Vec<_> = filters
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    filters.sort();
    assert_eq!(page.query().await, filters);
    assert_eq!(page.chips().await, filters);
}
