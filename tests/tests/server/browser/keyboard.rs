//! Use of the page without a pointer.

use fantoccini::key::Key;
use tracker_core::Activity;
use tracker_tests::browser::{Site, Timeline, realistic};

use super::{PAGE, agree, first_page};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_can_be_done_with_the_keyboard_alone() {
    let all = realistic();
    let site = Site::with(all.clone()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let everything = first_page(&all, |_| true);

    page.press("/").await;
    page.press("health check").await;
    let failed = first_page(&all, |row| {
        row.action_details
            .as_deref()
            .unwrap_or_default()
            .contains("health check")
    });
    agree(&page, &[("q", "health check")], &failed).await;
    page.press(&Key::Escape).await;
    agree(&page, &[], &everything).await;
    page.press(&Key::Escape).await;
    page.until("the search is left", "focused() === null").await;

    let focused = "rows().indexOf(focused())";
    page.press("j").await;
    assert_eq!(page.value::<i32>(focused).await, 0);
    page.press("jj").await;
    assert_eq!(page.value::<i32>(focused).await, 2);
    page.press("k").await;
    assert_eq!(page.value::<i32>(focused).await, 1);
    page.press(&Key::Down).await;
    assert_eq!(page.value::<i32>(focused).await, 2);
    page.press(&"j".repeat(30)).await;
    let is_seen = "(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(focused().getBoundingClientRect())";
    page.until("the row is in sight", is_seen).await;

    // The focus moves to the label and then to the chips.
    page.press(&Key::Tab).await;
    assert!(
        page.value::<bool>("focused().matches('article .label')")
            .await
    );
    // The details may have a link.
    page.press(&Key::Tab).await;
    if page.value("focused().matches('.details a')").await {
        page.press(&Key::Tab).await;
    }
    assert!(
        page.value::<bool>("focused().matches('article .chip[data-filter]')")
            .await
    );
    let (filter, value): (String, String) = page
        .value("[focused().dataset.filter, focused().dataset.value]")
        .await;
    page.press(&Key::Enter).await;
    page.until(
        "it filters",
        "all('[part=filter-chip]').length === 1 && idle()",
    )
    .await;
    assert_eq!(page.chips().await, [(filter.clone(), value.clone())]);
    assert_eq!(page.query().await, [(filter, value)]);
    page.back().await;
    agree(&page, &[], &everything).await;

    page.press("/").await;
    tab_back_to(&page, ".bar").await;
    page.press_with_shift(&Key::Left.repeat(5)).await;
    page.until(
        "six days are chosen",
        "all('[part=bar][aria-pressed=true]').length === 6 && all('[part=filter-chip]').length === 2 && idle()",
    )
    .await;
    in_range(&page, &all).await;
    page.press(&Key::Enter).await;
    page.until(
        "one day is chosen",
        "all('[part=bar][aria-pressed=true]').length === 1 && idle()",
    )
    .await;
    in_range(&page, &all).await;
    page.press(&Key::Escape).await;
    agree(&page, &[], &everything).await;
    page.was_quiet().await;
}

/// Some keyboards have the slash behind Shift.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slash_with_shift_leads_to_the_search_of_each_page() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    for path in [PAGE, "/projects"] {
        page.visit(path).await;
        page.until("rows", "state() === 'rows'").await;
        page.act("document.body.dispatchEvent(new KeyboardEvent('keydown', { key: '/', shiftKey: true, bubbles: true, cancelable: true }))")
            .await;
        page.until(path, "focused()?.matches('[part=search]')")
            .await;
    }
    page.was_quiet().await;
}

async fn tab_back_to(page: &Timeline, selector: &str) {
    for _ in 0..10 {
        page.press_with_shift(&Key::Tab).await;
        if page
            .value(&format!("focused()?.matches('{selector}') ?? false"))
            .await
        {
            return;
        }
    }
    panic!("{selector} is not reached");
}

/// Waits until the rows are those of the range in the address.
async fn in_range(page: &Timeline, all: &[Activity]) {
    let (from, to): (i64, i64) = page
        .value("['created_after', 'created_before'].map((name) => Date.parse(new URLSearchParams(location.search).get(name)))")
        .await;
    let first = first_page(all, |row| {
        row.created_at
            .is_some_and(|time| (from..to).contains(&time))
    });
    page.until("the rows of the range", &first.is_shown()).await;
}
