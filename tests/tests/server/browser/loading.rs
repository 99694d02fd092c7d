//! Loading: the files of a page, and a page whose script does not come.

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
    let mut expected = BTreeSet::from(["page-late.js", "page-timeline.js", "page.css"]);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_whose_module_does_not_come_says_so_and_loads_again() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), "/projects").await;
    page.refuse(&["*/assets/page-timeline.js*"]).await;
    page.visit(PAGE).await;
    page.until(
        "it says so",
        "shown('.late') && text('.late [lang=en]') === 'This page has not loaded. Reload'",
    )
    .await;
    // The way back to it is no other way.
    page.visit("/projects").await;
    page.back().await;
    page.until("it says so again", "shown('.late')").await;
    page.act("window.isFormer = true; setTimeout(() => one('.late a').click())")
        .await;
    page.until("it has tried again", "!window.isFormer && shown('.late')")
        .await;
    page.refuse(&[]).await;
    page.act("setTimeout(() => one('.late a').click())").await;
    page.until_live().await;
    assert!(
        !page
            .value::<bool>("document.querySelector('.late') !== null")
            .await
    );
    page.was_quiet_but_for_the_network().await;
}
