//! Requests as blocks: what their heads say, their steps, and activities that arrive in them.

use fantoccini::key::Key;
use serde_json::{Value, json};
use tracker_core::{Activity, Status};
use tracker_tests::{
    browser::{Held, Site, TUESDAY, Timeline, at, numbered},
    proxy::{Proxy, Weather},
};

use super::PAGE;

const HOUR: i64 = 3_600_000;

/// Returns the state of a block: its head's texts, and if it is open.
fn block(request: &str) -> String {
    format!(
        "((block) => {{
            const said = (selector) => block.querySelector(`:scope > .head ${{selector}}`)?.textContent.replace(/\\s/g, ' ') ?? null;
            return {{
                label: said('.label'), others: said('.others'), outcome: said('[part=outcome]'), icon: block.querySelector('.icon svg').dataset.icon,
                user: said('.user'), details: said('.details'), span: said('[part=span]'),
                open: block.querySelector('.toggle').ariaExpanded,
            }};
        }})(one('[data-request-id={request}]'))"
    )
}

/// Returns the steps of a block: their IDs, and the time since the one before.
fn steps(request: &str) -> String {
    format!(
        "all('[data-request-id={request}] .step').map((step) => [step.dataset.actionId, step.querySelector('.gap').textContent])"
    )
}

fn of_request(request: &str, id: &str, action: &'static str, time: i64) -> Activity {
    at(id, action, time).request_id(request).user_id("ada")
}

fn two_requests() -> Vec<Activity> {
    vec![
        of_request("req_1", "s1", "deployment", TUESDAY),
        of_request("req_1", "s2", "queries_executed", TUESDAY + 1_200),
        of_request("req_1", "s3", "github_push", TUESDAY + 61_200).details("pushed 3 files"),
        of_request("req_2", "f1", "deployment", TUESDAY - HOUR)
            .status(Status::Failure)
            .details("no answer"),
        of_request("req_2", "f2", "github_push", TUESDAY - HOUR + 340),
        of_request("req_3", "alone", "github_push", TUESDAY - 2 * HOUR),
        at("bare", "deployment", TUESDAY - 3 * HOUR),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_a_block_that_says_what_came_of_it_and_opens_to_its_steps() {
    let site = Site::with(two_requests()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let shown: Vec<String> = page.value("entries()").await;
    assert_eq!(shown, ["req_1", "req_2", "alone", "bare"]);
    // The block with a failure stands open, and both orders are told where they are.
    let orders: Value = page
        .value("[text('.order:has(+ .rows)'), text('[data-request-id=req_2] .steps > .order')]")
        .await;
    assert_eq!(orders, json!(["Newest first", "Steps, oldest first"]));
    assert_eq!(
        page.value::<Value>(&block("req_1")).await,
        json!({
            "label": "GitHub push", "others": "and 2 more", "outcome": "3 succeeded", "icon": "succeeded", "user": "ada",
            "details": "pushed 3 files", "span": "10:00 – 10:01 AM · 1m 1s", "open": "false",
        })
    );
    // A failure tells more than what came last, and opens its block by itself.
    assert_eq!(
        page.value::<Value>(&block("req_2")).await,
        json!({
            "label": "Deployment", "others": "and 1 more", "outcome": "1 failed, 1 succeeded", "icon": "failed", "user": "ada",
            "details": "no answer", "span": "9:00 AM · 340ms", "open": "true",
        })
    );
    let of_failed: Value = page.value(&steps("req_2")).await;
    assert_eq!(of_failed, json!([["f1", ""], ["f2", "+340ms"]]));

    page.act("window.told = []; timeline.addEventListener('opened-change', ({ detail }) => told.push(detail.opened))")
        .await;
    page.press("j").await;
    page.press(&Key::Enter).await;
    let of_first: Value = page.value(&steps("req_1")).await;
    assert_eq!(
        of_first,
        json!([["s1", ""], ["s2", "+1.2s"], ["s3", "+1m"]])
    );
    let times = "all('[data-request-id=req_1] .step time').map((time) => time.textContent.replace(/\\s/g, ' '))";
    let times: Value = page.value(times).await;
    assert_eq!(times, json!(["10:00:00 AM", "10:00:01 AM", "10:01:01 AM"]));
    page.is_accessible("open blocks").await;
    page.press("j").await;
    assert_eq!(
        page.value::<String>("focused().dataset.actionId").await,
        "s1"
    );
    page.press("k ").await;
    let closed: Value = page.value(&steps("req_1")).await;
    assert_eq!(closed, json!([]));

    page.click("[data-request-id=req_2] .others").await;
    let closed: Value = page.value(&steps("req_2")).await;
    assert_eq!(closed, json!([]));
    page.click("[data-request-id=req_2] .toggle").await;
    let told: Value = page.value("window.told").await;
    assert_eq!(told, json!([["req_1"], [], [], ["req_2"]]));
    page.act("timeline.opened = ['req_1', 'alone']").await;
    let is_open = "['req_1', 'req_2', 'alone', 'bare'].map((key) => one(`[data-key=${key}] .toggle`).ariaExpanded)";
    let is_open: Value = page.value(is_open).await;
    assert_eq!(is_open, json!(["true", "true", "true", "false"]));
    let facts = "[...row('alone').querySelectorAll('.facts > div')].map((fact) => [...fact.children].map((child) => child.textContent.trim()))";
    let facts: Value = page.value(facts).await;
    assert_eq!(
        facts.as_array().unwrap()[1..],
        [
            json!(["Activity ID", "alone"]),
            json!(["Request ID", "req_3"]),
            json!(["User ID", "ada"])
        ]
    );
    page.is_accessible("an open row").await;
    // A reader who asks for a request wants its steps.
    page.visit(&format!("{PAGE}?request_id=req_1")).await;
    page.until_live().await;
    assert_eq!(page.ids().await, ["s1", "s2", "s3"]);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_arrival_joins_its_block_which_moves_up_unless_somebody_reads_below() {
    let latest = numbered(1)[0].created_at.unwrap_or_default();
    let site = Site::with(numbered(200)).await;
    let old = |id: &str, time: i64| of_request("req_old", id, "deployment", latest + time);
    // The steps that are written lie below what is loaded.
    site.record(vec![
        old("o1", -20 * HOUR),
        old("o2", -20 * HOUR + 1).status(Status::Failure),
    ])
    .await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    assert!(!page.value::<bool>("entries().includes('req_old')").await);

    site.record(vec![old("o3", 120_000)]).await;
    let top = |count: usize| {
        format!(
            "entries()[0] === 'req_old' && one('[data-key=req_old]').dataset.count === '{count}'"
        )
    };
    page.until("its earlier steps are loaded", &top(3)).await;
    let ids: Vec<String> = page.value("ids().slice(0, 3)").await;
    assert_eq!(ids, ["o1", "o2", "o3"], "a failure opens it");

    site.record(vec![at("new", "deployment", latest + 130_000)])
        .await;
    page.until("another above", "entries()[0] === 'new'").await;
    page.press("jj").await;
    site.record(vec![old("o4", 140_000)]).await;
    page.until("it has moved up", &top(4)).await;
    assert_eq!(
        page.value::<String>("focused().dataset.key").await,
        "req_old",
        "the focus moves with it"
    );

    page.act("scrollTo({ top: 900, behavior: 'instant' })")
        .await;
    let before: f64 = page.value("placeOf(window.witness = rows()[25])").await;
    site.record(vec![
        at("newer", "deployment", latest + 150_000),
        old("o5", 160_000),
    ])
    .await;
    page.until(
        "both are counted",
        "shown('[part=marker]') && text('[part=marker]') === '2 new activities'",
    )
    .await;
    let after: f64 = page
        .value("window.witness.getBoundingClientRect().top")
        .await;
    assert!((before - after).abs() < 1.0, "from {before} to {after}");
    page.click("[part=marker]").await;
    page.until("it is above all", &top(5)).await;
    assert_eq!(
        page.value::<Vec<String>>("entries().slice(1, 3)").await,
        ["newer", "new"]
    );

    // A later page has the steps as well.
    page.until(
        "the end",
        "(scrollTo({ top: document.scrollingElement.scrollHeight, behavior: 'instant' }), text('[part=end]') === 'That is all.')",
    )
    .await;
    let (entries, different): (usize, usize) = page
        .value("[entries().length, new Set(entries()).size]")
        .await;
    assert_eq!((entries, different), (203, 203));
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn earlier_steps_of_a_long_request_are_loaded_when_they_are_wanted() {
    let users = ["ada", "bob"].into_iter().cycle();
    let steps = (0..250).zip(users).map(|(number, user)| {
        of_request(
            "req_long",
            &format!("s{number:03}"),
            "deployment",
            TUESDAY + number,
        )
        .user_id(user)
    });
    let site = Site::with(steps.collect()).await;
    let proxy = Proxy::before(site.address()).await;
    let page = Timeline::open(proxy.address(), PAGE).await;
    page.until_live().await;
    page.click("[data-key=req_long] .toggle").await;
    let newest: (usize, String, String) = page
        .value("[ids().length, ids()[0], text('.block .others')]")
        .await;
    assert_eq!(newest, (100, "s150".to_owned(), "and 99+ more".to_owned()));
    proxy.set(Weather::Closed);
    page.act("one('[part=earlier]').click()").await;
    page.until(
        "it is said",
        "text('[part=earlier]') === \"Earlier steps can't be loaded. Try again\" && ids().length === 100",
    )
    .await;
    proxy.set(Weather::Fair);
    page.act("one('[part=earlier]').click()").await;
    page.until(
        "a hundred more",
        "ids().length === 200 && ids()[0] === 's050'",
    )
    .await;
    page.act("one('[part=earlier]').click()").await;
    page.until(
        "all",
        "ids().length === 250 && one('[part=earlier]') === null",
    )
    .await;
    page.was_quiet_but_for_the_network().await;
}

/// A stream that is ready after the rows has them asked for again: one of those may be missing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_stream_brings_what_was_missed_and_no_step_that_a_block_leaves_out() {
    let users = ["ada", "bob"].into_iter().cycle();
    let steps = (0..250).zip(users).map(|(number, user)| {
        let step = of_request(
            "req_long",
            &format!("s{number:03}"),
            "deployment",
            TUESDAY + number,
        );
        step.user_id(user)
    });
    let site = Site::with(steps.collect()).await;
    site.hold_streams(Held::Before);
    let page = Timeline::open(site.address(), PAGE).await;
    page.until("the block", "one('[data-key=req_long]') !== null && idle()")
        .await;
    site.record(vec![at("missed", "deployment", TUESDAY + HOUR)])
        .await;
    site.hold_streams(Held::Nowhere);
    page.until("what was missed", "row('missed') && live()")
        .await;
    page.click("[data-key=req_long] .toggle").await;
    let shown: (usize, String) = page
        .value("[all('[data-request-id=req_long] .step').length, text('.block .others')]")
        .await;
    assert_eq!(shown, (100, "and 99+ more".to_owned()));
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_span_is_told_in_two_units_at_most_and_never_rounded_up() {
    let site = Site::with(numbered(1)).await;
    let page = Timeline::open(site.address(), PAGE).await;
    let script = "const { spanText } = await import('/assets/timeline-spans.js'); return given[0].map(spanText);";
    let spans = [
        (0, "0ms"),
        (999, "999ms"),
        (1_299, "1.2s"),
        (59_999, "59s"),
        (60_000, "1m"),
        (3_599_999, "59m 59s"),
        (3_661_000, "1h 1m"),
        (90_000_000, "1d 1h"),
    ];
    let told = page.run(script, vec![json!(spans.map(|(ms, _)| ms))]).await;
    assert_eq!(told, json!(spans.map(|(_, text)| text)));
    page.was_quiet().await;
}
