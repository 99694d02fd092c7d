//! Behaviours of the timeline that every engine has.

use std::sync::Arc;

use fantoccini::key::Key;
use serde_json::{Value, json};
use tracker_core::{Activity, Status};
use tracker_tests::{
    browser::{Browser, Site, TUESDAY, Timeline, WIDE, at, numbered, realistic},
    proxy::{Proxy, Weather},
};

use crate::browser::{PAGE, agree, first_page, fits};

const MINUTE: i64 = 60_000;

/// The narrowest of the common telephones, in CSS pixels.
const TELEPHONE: (u32, u32) = (375, 800);

pub(super) async fn filters_rows_address_and_chips_agree(browser: &Arc<Browser>) {
    let all = realistic();
    let site = Site::with(all.clone()).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until_live().await;
    page.until("the bars", "all('.bar').length > 0").await;
    let everything = first_page(&all, |_| true);
    agree(&page, &[], &everything).await;
    page.is_accessible("the rows").await;

    page.click("article .chip[data-filter=environment][data-value=staging]")
        .await;
    let staged = |row: &Activity| row.environment.as_deref() == Some("staging");
    let environment = ("environment", "staging");
    let of_environment = first_page(&all, staged);
    agree(&page, &[environment], &of_environment).await;
    page.choose("[part=status]", "failure").await;
    let failed = |row: &Activity| staged(row) && row.status == Some(Status::Failure);
    let status = ("status", "failure");
    agree(&page, &[environment, status], &first_page(&all, failed)).await;
    page.is_accessible("filtered rows").await;
    page.back().await;
    agree(&page, &[environment], &of_environment).await;
    page.forward().await;
    page.reload().await;
    agree(&page, &[environment, status], &first_page(&all, failed)).await;
    // What loads above a button moves it away from a pointer.
    page.until("the bars", "live() && all('.bar').length > 0")
        .await;
    page.click("[part=clear-all]").await;
    agree(&page, &[], &everything).await;
    page.was_quiet().await;
}

/// Without it, that a page was quiet would prove nothing.
pub(super) async fn complaints_of_a_page_are_heard(browser: &Arc<Browser>) {
    let site = Site::with(numbered(1)).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until("the page", "state() === 'rows'").await;
    page.act("console.warn('odd'); console.info('fine')").await;
    page.visit(&format!("{PAGE}?q=nothing")).await;
    page.until("the other", "state() === 'no-match'").await;
    page.act("console.error('wrong')").await;
    let complaints = page.complaints().await;
    let messages: Vec<_> = complaints.iter().map(|heard| &heard.message).collect();
    assert!(
        matches!(messages[..], [odd, wrong] if odd.contains("odd") && wrong.contains("wrong")),
        "{messages:?}"
    );
    page.was_quiet().await;
}

/// Returns a request of three steps, a failed one of two, and an activity without any.
fn requests() -> Vec<Activity> {
    // Equal steps would fold.
    let step = |request: &str, id: &str, action, time| at(id, action, time).request_id(request);
    vec![
        step("req_1", "s1", "deployment", TUESDAY),
        step("req_1", "s2", "queries_executed", TUESDAY + 1_200),
        step("req_1", "s3", "github_push", TUESDAY + 61_200).details("pushed 3 files"),
        step("req_2", "f1", "deployment", TUESDAY - MINUTE).status(Status::Failure),
        step("req_2", "f2", "github_push", TUESDAY - MINUTE + 340),
        at("bare", "github_push", TUESDAY - 2 * MINUTE).reference("deployment_id", "d_1"),
    ]
}

pub(super) async fn blocks_open_and_close_and_the_address_keeps_them(browser: &Arc<Browser>) {
    let site = Site::with(requests()).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until_live().await;
    let shown: Vec<String> = page.value("entries()").await;
    assert_eq!(shown, ["req_1", "req_2", "bare"]);
    let steps = "all('.step').map((step) => [step.dataset.actionId, step.querySelector('.gap').textContent])";
    let failed = json!([["f1", ""], ["f2", "+340ms"]]);
    assert_eq!(page.value::<Value>(steps).await, failed);

    page.click("[data-request-id=req_1] .toggle").await;
    page.until(
        "it is open, and in the address",
        "all('.step').length === 5 && location.search === '?open=req_1'",
    )
    .await;
    let all = json!([
        ["s1", ""],
        ["s2", "+1.2s"],
        ["s3", "+1m"],
        ["f1", ""],
        ["f2", "+340ms"]
    ]);
    assert_eq!(page.value::<Value>(steps).await, all);
    page.is_accessible("open blocks").await;
    page.reload().await;
    page.until("they stand open", "all('.step').length === 5")
        .await;
    page.until_live().await;
    assert_eq!(page.value::<Value>(steps).await, all);

    page.click("[data-request-id=req_1] .toggle").await;
    page.until("it is closed", "all('.step').length === 2")
        .await;
    assert_eq!(page.value::<Value>(steps).await, failed);
    page.was_quiet().await;
}

pub(super) async fn equal_neighbours_fold(browser: &Arc<Browser>) {
    let sent = |number: i64| {
        at(
            &format!("sent-{number:02}"),
            "invoice_sent",
            TUESDAY + number * MINUTE,
        )
    };
    let site = Site::with((1..13).map(sent).collect()).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until_live().await;
    let told = "all('.fold').map((fold) => [fold.dataset.key, fold.dataset.count, fold.querySelector('.times span').textContent.replace(/\\s/g, ' ')])";
    let told: Value = page.value(told).await;
    assert_eq!(
        told,
        json!([["fold:sent-01", "12", "12 times, 10:01 – 10:12 AM"]])
    );
    page.is_accessible("a fold").await;
    page.press("j ").await;
    page.until("it is open", "ids().length === 12").await;
    page.is_accessible("an open fold").await;
    site.record(vec![sent(13)]).await;
    page.until("it is in the fold", "ids()[0] === 'sent-13'")
        .await;
    page.press(" ").await;
    page.until("it is closed", "ids().length === 0").await;
    page.was_quiet().await;
}

pub(super) async fn a_place_that_was_just_reached_survives_a_reload(browser: &Arc<Browser>) {
    let site = Site::with(numbered(100)).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until_live().await;
    page.act("scrollTo({ top: 900, behavior: 'instant' }); await placeOf(rows()[20]);")
        .await;
    // The name of a window outlives its page.
    page.act(
        "scrollBy({ top: 70, behavior: 'instant' }); window.name = timeline.position.action_id;",
    )
    .await;
    page.reload().await;
    page.until(
        "the same place",
        "timeline.position?.action_id === window.name",
    )
    .await;
    page.was_quiet().await;
}

pub(super) async fn an_activity_has_an_address(browser: &Arc<Browser>) {
    let site = Site::with(requests()).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until_live().await;
    page.click("article[data-key=bare] a.when").await;
    page.until(
        "its page",
        "location.pathname.endsWith('/activities/bare') && state() === 'activity' && one('.newer[href]') !== null",
    )
    .await;
    assert_eq!(page.title().await, "GitHub push · proj_rooms");
    page.is_accessible("an activity").await;
    page.press("k").await;
    page.until(
        "the newer one, in its request",
        "location.pathname.endsWith('/f1') && all('.request .row').length === 2",
    )
    .await;
    let steps: Value = page
        .value("all('.request .row').map((row) => [row.dataset.actionId, row.getAttribute('aria-current')])")
        .await;
    assert_eq!(steps, json!([["f1", "true"], ["f2", null]]));
    page.is_accessible("an activity of a request").await;
    page.was_quiet().await;
}

pub(super) async fn what_arrives_is_inserted_at_the_top_and_else_announced(browser: &Arc<Browser>) {
    let site = Site::with(numbered(100)).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until_live().await;
    let now = numbered(1)[0].created_at.unwrap_or_default() + 120_000;
    let new = |id: &str, later: i64| at(id, "deployment", now + later).user_id(id);
    site.record(vec![new("new-0", 0)]).await;
    page.until("the first", "ids()[0] === 'new-0'").await;

    page.act("scrollTo({ top: 900, behavior: 'instant' })")
        .await;
    let before: f64 = page.value("placeOf(window.witness = rows()[20])").await;
    site.record(vec![new("new-1", 1), new("new-2", 2)]).await;
    page.until(
        "the marker",
        "shown('[part=marker]') && text('[part=marker]') === '2 new activities'",
    )
    .await;
    let after: f64 = page.value("placeOf(window.witness)").await;
    assert!((before - after).abs() < 1.0, "from {before} to {after}");
    page.is_accessible("the marker").await;
    page.click("[part=marker]").await;
    page.until(
        "all are there",
        "scrollY === 0 && ids().slice(0, 3).join() === 'new-2,new-1,new-0'",
    )
    .await;
    page.was_quiet().await;
}

pub(super) async fn what_arrives_while_the_server_is_away_is_there_once(browser: &Arc<Browser>) {
    let site = Site::with(numbered(60)).await;
    let proxy = Proxy::before(site.address()).await;
    let page = Timeline::open_in(browser, proxy.address(), PAGE).await;
    page.until_live().await;
    let now = numbered(1)[0].created_at.unwrap_or_default() + 120_000;
    for (later, id) in (0..).zip(["missed-0", "missed-1"]) {
        let before = page.ids().await;
        proxy.set(Weather::Closed);
        page.until(
            "the banner",
            "shown('[part=offline]') && text('[part=offline]') === 'Offline: showing what was loaded'",
        )
        .await;
        page.is_accessible("the banner").await;
        site.record(vec![at(id, "deployment", now + later).user_id(id)])
            .await;
        proxy.set(Weather::Fair);
        page.until(
            "what was missed",
            &format!("!shown('[part=offline]') && live() && ids()[0] === '{id}'"),
        )
        .await;
        let after = page.ids().await;
        assert!(
            after[1..].starts_with(&before),
            "and nothing else: {after:?}"
        );
    }
    let is_once = "new Set(ids()).size === ids().length";
    assert!(page.value::<bool>(is_once).await);
    page.was_quiet_but_for_the_network().await;
}

pub(super) async fn the_keyboard_is_enough(browser: &Arc<Browser>) {
    let all = realistic();
    let site = Site::with(all.clone()).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until_live().await;
    let everything = first_page(&all, |_| true);
    page.press("/").await;
    page.press("health check").await;
    let failed = first_page(&all, |row| {
        let details = row.action_details.as_deref();
        details.unwrap_or_default().contains("health check")
    });
    agree(&page, &[("q", "health check")], &failed).await;
    page.press(&Key::Escape).await;
    agree(&page, &[], &everything).await;
    page.press(&Key::Escape).await;
    page.until("the search is left", "focused() === null").await;

    let focused = "rows().indexOf(focused())";
    page.press("jjk").await;
    assert_eq!(page.value::<i32>(focused).await, 0);
    page.press(&Key::Down).await;
    assert_eq!(page.value::<i32>(focused).await, 1);
    page.press(&"j".repeat(20)).await;
    let is_seen = "(({ top, bottom }) => top >= 0 && bottom <= innerHeight)(focused().getBoundingClientRect())";
    page.until("the row is in sight", is_seen).await;
    page.press(&Key::Tab).await;
    page.until(
        "a part of the row",
        "focused()?.closest('article') !== null && !focused().matches('article')",
    )
    .await;
    page.press("/").await;
    for _ in 0..10 {
        page.press_with_shift(&Key::Tab).await;
        if page.value("focused()?.matches('.bar') ?? false").await {
            break;
        }
    }
    page.press(&Key::Enter).await;
    page.until(
        "a day is chosen",
        "all('[part=bar][aria-pressed=true]').length === 1 && all('[part=filter-chip]').length === 2 && idle()",
    )
    .await;
    page.press(&Key::Escape).await;
    agree(&page, &[], &everything).await;
    page.was_quiet().await;
}

pub(super) async fn narrow_pages_and_both_directions_of_writing_fit(browser: &Arc<Browser>) {
    let site = Site::with(realistic()).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until_live().await;
    for direction in ["ltr", "rtl"] {
        page.act(&format!("document.documentElement.dir = '{direction}'"))
            .await;
        for window in [WIDE, TELEPHONE] {
            page.resize(window).await;
            page.until_live().await;
            page.until("the bars", "all('.bar').length > 0").await;
            fits(&page, &format!("{direction} in {window:?}")).await;
        }
    }
    page.was_quiet().await;
}

pub(super) async fn a_reader_of_german_in_the_dark_is_served(browser: &Arc<Browser>) {
    let failed = at("b", "project_created", TUESDAY)
        .status(Status::Failure)
        .request_id("req_1");
    let site = Site::with(vec![failed, at("a", "invoice_sent", TUESDAY)]).await;
    let page = Timeline::open_in(browser, site.address(), PAGE).await;
    page.until_live().await;
    page.until("the bars", "all('.bar').length > 0").await;
    assert_eq!(page.title().await, "proj_rooms · Aktivitäten");
    let said = "[document.documentElement.lang, text('.day'), text('.total'), text('.live'), all('.row .label').map((label) => label.textContent)]";
    let said: Value = page.value(said).await;
    let expected = json!([
        "de",
        "Di., 3. März 2020",
        "2 Aktivitäten",
        "Live",
        ["Projekt erstellt", "Invoice sent"],
    ]);
    assert_eq!(said, expected);
    let colours = "[matchMedia('(prefers-color-scheme: dark)').matches, getComputedStyle(document.documentElement).backgroundColor]";
    let colours: Value = page.value(colours).await;
    assert_eq!(colours, json!([true, "rgb(15, 16, 19)"]));
    for window in [WIDE, TELEPHONE] {
        page.resize(window).await;
        fits(&page, &format!("German in the dark in {window:?}")).await;
    }
    page.was_quiet().await;
}
