//! Folds of equal neighbours; and what a pointer does with the parts of rows.

use serde_json::{Value, json};
use tracker_core::Status;
use tracker_tests::browser::{Site, TUESDAY, Timeline, at};

use super::PAGE;

const MINUTE: i64 = 60_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_neighbours_fold_into_one_and_failures_among_them_are_told() {
    let sent = |number: i64| {
        at(
            &format!("sent-{number:02}"),
            "invoice_sent",
            TUESDAY + number * MINUTE,
        )
        .user_id("billing")
        .details(format!("sent invoice {number}"))
    };
    let failed = |number: i64| {
        at(
            &format!("failed-{number}"),
            "deployment",
            TUESDAY - number * MINUTE,
        )
        .status(Status::Failure)
    };
    let mut rows: Vec<_> = (1..13).map(sent).collect();
    rows.extend((1..4).map(failed));
    rows.extend(["two-1", "two-2"].map(|id| at(id, "github_push", TUESDAY - 60 * MINUTE)));
    let site = Site::with(rows).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let shown: Vec<String> = page.value("entries()").await;
    assert_eq!(shown, ["fold:sent-01", "fold:failed-3", "two-2", "two-1"]);
    let told = "all('.fold').map((fold) => [fold.dataset.count, fold.dataset.tone ?? null, [...fold.querySelectorAll('.times span')].map((span) => span.textContent.replace(/\\s/g, ' ')), fold.querySelector('.chip')?.textContent ?? null])";
    let told: Value = page.value(told).await;
    assert_eq!(
        told,
        json!([
            [
                "12",
                null,
                ["12 times, 10:01 – 10:12 AM", "sent invoice 12"],
                null
            ],
            ["3", "danger", ["3 failures, 9:57 – 9:59 AM"], "failure"]
        ])
    );
    page.is_accessible("folds").await;

    page.press("j").await;
    page.press(" ").await;
    let ids: Vec<String> = page.value("ids()").await;
    assert_eq!(ids.len(), 12 + 2);
    assert_eq!(ids[..2], ["sent-12", "sent-11"]);
    assert_eq!(
        page.value::<Value>("timeline.opened").await,
        json!(["fold:sent-01"])
    );
    page.is_accessible("an open fold").await;
    // Another one on top leaves it open.
    site.record(vec![sent(13)]).await;
    page.until(
        "it is in the fold",
        "one('.fold').dataset.count === '13' && ids().includes('sent-13')",
    )
    .await;
    assert_eq!(
        page.value::<String>("focused().dataset.key").await,
        "fold:sent-01"
    );
    page.press(" ").await;
    assert!(!page.value::<bool>("ids().includes('sent-13')").await);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_are_copied_by_their_buttons_also_without_a_clipboard() {
    let site = Site::with(vec![at("a", "deployment", TUESDAY).request_id("req_1")]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.act("window.copied = []; navigator.clipboard.writeText = async (text) => void copied.push(text)")
        .await;
    page.press("j").await;
    page.click("article .toggle").await;
    page.click(".facts [data-name='Request ID']").await;
    page.until(
        "it is said",
        "text('[part=announcement]') === 'Request ID copied'",
    )
    .await;
    let refused = "navigator.clipboard.writeText = async () => { throw new Error('not allowed'); };
        document.addEventListener('copy', () => copied.push(document.activeElement.value));";
    page.act(refused).await;
    page.click(".facts [data-name='Activity ID']").await;
    page.until(
        "it is said",
        "text('[part=announcement]') === 'Activity ID copied'",
    )
    .await;
    let copied: Vec<String> = page.value("window.copied").await;
    assert_eq!(copied, ["req_1", "a"]);
    assert!(page.value::<bool>("focused().dataset.copy === 'a'").await);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drag_over_a_row_neither_filters_nor_opens_and_a_short_value_leaves_its_name_whole() {
    let name = "a_reference_with_quite_a_long_name";
    let row = at("a", "deployment", TUESDAY)
        .environment("production")
        .reference(name, "7")
        .details("deployed");
    let site = Site::with(vec![row]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    for selector in [".chip.environment", ".chip.reference", ".details"] {
        let place = format!(
            "(({{ left, top, width, height }}) => [[left + 4, top + height / 2], [left + width - 4, top + height / 2]])(one('article {selector}').getBoundingClientRect())"
        );
        let [from, to]: [(f64, f64); 2] = page.value(&place).await;
        page.drag(from, to).await;
        // A selected text would be dragged away by the next one.
        page.act("getSelection().removeAllRanges()").await;
    }
    let (query, opened): (String, Vec<String>) =
        page.value("[location.search, timeline.opened]").await;
    assert_eq!((query, opened), (String::new(), vec![]));
    // A click does.
    page.click("article .icon").await;
    let opened: Vec<String> = page.value("timeline.opened").await;
    assert_eq!(opened, ["a"]);
    let is_whole = "['.name', '.value'].map((part) => ((span) => span.scrollWidth <= span.clientWidth)(one(`.reference ${part}`)))";
    assert_eq!(page.value::<[bool; 2]>(is_whole).await, [true, true]);
    page.click("article .chip.environment").await;
    page.until(
        "it filters",
        "location.search === '?open=a&environment=production'",
    )
    .await;
    page.was_quiet().await;
}
