//! Loading: the files of a page.

use std::collections::BTreeSet;

use tracker_tests::browser::{Site, Timeline, realistic};

use super::PAGE;

/// The names of the files that the page has loaded from the server, and not from what it keeps.
const LOADED: &str = "performance.getEntriesByType('resource')
    .filter(({ name, transferSize }) => name.includes('/assets/') && transferSize > 0)
    .map(({ name }) => new URL(name).pathname.split('/').at(-1))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_loads_one_module_and_nothing_of_it_a_second_time() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let loaded: BTreeSet<String> = page.value(LOADED).await;
    let mut expected = BTreeSet::from(["page-timeline.js", "page.css"]);
    // Not every browser without a window wants it.
    if loaded.contains("icon.svg") {
        expected.insert("icon.svg");
    }
    assert!(loaded.iter().eq(expected.iter()), "{loaded:?}");
    page.visit(&format!("{PAGE}?q=deployed")).await;
    page.until_live().await;
    assert_eq!(page.value::<Vec<String>>(LOADED).await, [""; 0]);
    page.was_quiet().await;
}
