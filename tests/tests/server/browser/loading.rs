//! Loading: the files of a page, a page whose script does not come, and pages of rows.

use std::collections::BTreeSet;

use tracker_tests::browser::{Site, TUESDAY, Timeline, at, realistic};

use super::PAGE;

const MINUTE: i64 = 60_000;

/// The names of the files that the page has loaded from the server, and not from what it keeps. A
/// browser loads the icon when it likes, or not at all.
const LOADED: &str = "performance.getEntriesByType('resource')
    .filter(({ name, transferSize }) => name.includes('/assets/') && transferSize > 0)
    .map(({ name }) => new URL(name).pathname.split('/').at(-1))
    .filter((name) => name !== 'icon.svg')";

/// The number of pages of rows that were asked for.
const PAGES: &str = "performance.getEntriesByType('resource')
    .filter(({ name }) => name.includes('group=request')).length";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_loads_one_module_and_nothing_of_it_a_second_time() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let loaded: BTreeSet<String> = page.value(LOADED).await;
    let expected = BTreeSet::from(["page-late.js", "page-timeline.js", "page.css"]);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opened_timeline_loads_what_fills_the_window_and_the_rest_by_scrolling() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.until(
        "the window is full",
        "one('[part=end]').getBoundingClientRect().top >= innerHeight && idle()",
    )
    .await;
    page.value::<f64>("placeOf(one('[part=end]'))").await;
    let loaded: usize = page.value(PAGES).await;
    assert!(loaded <= 2, "{loaded} pages");
    page.act("scrollTo({ top: 100, behavior: 'instant' })")
        .await;
    page.until("the next page", &format!("{PAGES} > {loaded} && idle()"))
        .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fold_that_never_fills_the_window_goes_on_when_the_reader_asks() {
    let sent = |number: i64| {
        let id = format!("sent-{number:03}");
        at(&id, "invoice_sent", TUESDAY + number * MINUTE)
    };
    let site = Site::with((0..480).map(sent).collect()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until("it asks", "shown('[part=more]')").await;
    assert_eq!(page.value::<usize>(PAGES).await, 6);
    assert_eq!(
        page.value::<String>("one('.fold').dataset.count").await,
        "300"
    );
    page.is_accessible("the end").await;
    page.click("[part=more]").await;
    page.until("all", "text('[part=end]') === 'That is all.'")
        .await;
    assert_eq!(
        page.value::<String>("one('.fold').dataset.count").await,
        "480"
    );
    page.was_quiet().await;
}
