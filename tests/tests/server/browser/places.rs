//! The place of an activity in its timeline.

use serde_json::{Value, json};
use tracker_core::Activity;
use tracker_tests::browser::{NARROW, Site, TUESDAY, Timeline, at};

use super::{PAGE, fits};

/// Returns 250 activities, one in each minute, and in the middle of them the steps of a request.
fn busy() -> Vec<Activity> {
    let minute = 60_000;
    let alone = (0..250).map(|number| {
        at(
            &format!("a-{number:03}"),
            "github_push",
            TUESDAY + number * minute,
        )
        .user_id(format!("user_{number}"))
    });
    let steps = (0..3).map(|number| {
        at(
            &format!("step-{number}"),
            "deployment",
            TUESDAY + 100 * minute + 1_000 * (number + 1),
        )
        .user_id(format!("worker_{number}"))
        .request_id("req_1")
    });
    alone.chain(steps).collect()
}

/// True if the row is the one with the focus, stands open and is in sight.
fn reached(id: &str) -> String {
    format!(
        "idle() && focused() === row('{id}') && row('{id}').querySelector('.facts') !== null
        && (({{ top, bottom }}) => top >= 0 && bottom <= innerHeight)(row('{id}').getBoundingClientRect())"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_an_activity_leads_to_its_place_among_the_others() {
    let site = Site::with(busy()).await;
    let page = Timeline::open(site.address(), &format!("{PAGE}/activities/step-1")).await;
    page.until("its links", "one('a.place') !== null").await;
    page.click("a.place").await;
    page.until(
        "its place",
        &format!(
            "timeline.localName === 'activity-timeline' && state() === 'rows' && {}",
            reached("step-1")
        ),
    )
    .await;
    // Those around it are there, and so is its request.
    let around: Vec<String> = page.value("entries()").await;
    for expected in ["a-102", "a-101", "a-100", "a-099"] {
        assert!(around.iter().any(|id| id == expected), "{around:?}");
    }
    assert!(
        page.value::<bool>("all('.block[data-open] .step').length === 3")
            .await
    );

    // A reload returns to where the reader was, and another filter begins at the top.
    let before: f64 = page.value("placeOf(row('step-1'))").await;
    page.reload().await;
    page.until(
        "the row",
        "state() === 'rows' && idle() && row('step-1')?.querySelector('.facts')",
    )
    .await;
    let after: f64 = page.value("placeOf(row('step-1'))").await;
    assert!((before - after).abs() < 3.0, "{before} {after}");
    page.act("timeline.dispatchEvent(new CustomEvent('filters-change', { detail: { filters: { user_id: 'user_7' } } })); timeline.filters = { user_id: 'user_7' }")
        .await;
    page.until(
        "no place",
        "state() === 'rows' && idle() && ids().join() === 'a-007'",
    )
    .await;
    assert!(
        page.value::<bool>("!new URLSearchParams(location.search).has('at')")
            .await
    );
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_with_what_stands_open_leads_to_the_first_of_it() {
    let site = Site::with(busy()).await;
    let address = format!("{PAGE}?open=a-215&open=a-220");
    let page = Timeline::open(site.address(), &address).await;
    let in_sight = "state() === 'rows' && idle() && (({ top, bottom }) => top > 0 && bottom < innerHeight)(row('a-220').getBoundingClientRect())";
    page.until("it is in sight", &format!("scrollY > 0 && {in_sight}"))
        .await;
    // One that is in sight already stays where it is.
    page.visit(&format!("{PAGE}?open=a-249")).await;
    page.until_live().await;
    page.until("the bars", "all('.bar').length > 0 && scrollY === 0")
        .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_that_is_gone_is_said_until_the_filters_change() {
    let site = Site::with(busy()).await;
    let page = Timeline::open(site.address(), &format!("{PAGE}?at=gone")).await;
    page.until(
        "it is said",
        "shown('.missed') && text('.missed').startsWith('The activity of this address is not here.') && text('[part=announcement]') === text('.missed')",
    )
    .await;
    fits(&page, "place-that-is-gone").await;
    page.act("row('a-249').querySelector('button.label').click()")
        .await;
    page.until(
        "nothing is missed",
        "idle() && location.search === '?action_type=github_push' && !shown('.missed')",
    )
    .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_ways_back_from_an_activity_lead_to_where_the_reader_was() {
    let site = Site::with(busy()).await;
    let page = Timeline::open(site.address(), &format!("{PAGE}?action_type=github_push")).await;
    page.until_live().await;
    page.until(
        "an older one",
        "(scrollTo(0, document.body.scrollHeight), row('a-180') !== undefined)",
    )
    .await;
    page.act("const node = row('a-180'); node.scrollIntoView({ block: 'center', behavior: 'instant' }); await placeOf(node)")
        .await;
    let before: f64 = page.value("placeOf(row('a-180'))").await;
    page.act("location.href = row('a-180').querySelector('a.when').href")
        .await;
    page.until("the activity", "state() === 'activity'").await;
    page.back().await;
    page.until(
        "the row",
        "state() === 'rows' && row('a-180') !== undefined",
    )
    .await;
    let after: f64 = page.value("placeOf(row('a-180'))").await;
    assert!((before - after).abs() < 3.0, "{before} {after}");

    page.act("location.href = row('a-180').querySelector('a.when').href")
        .await;
    page.until("the activity", "state() === 'activity'").await;
    page.until(
        "the way back",
        "document.querySelector('nav li:last-child a').search.includes('at=')",
    )
    .await;
    page.act("document.querySelector('nav li:last-child a').click()")
        .await;
    page.until(
        "the row",
        &format!(
            "timeline.localName === 'activity-timeline' && state() === 'rows' && {}",
            reached("a-180")
        ),
    )
    .await;
    let filters: Value = page
        .value("[...new URLSearchParams(location.search)].filter(([name]) => name !== 'open')")
        .await;
    assert_eq!(
        filters,
        json!([["action_type", "github_push"], ["at", "a-180"]])
    );
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_links_of_an_activity_are_large_and_stand_in_order_in_a_narrow_window() {
    let site = Site::with(busy()).await;
    let page = Timeline::open(site.address(), &format!("{PAGE}/activities/a-050")).await;
    page.resize(NARROW).await;
    page.until("its links", "one('a.place') !== null").await;
    let [newer, older, place]: [[f64; 4]; 3] = page
        .value("['.newer', '.older', '.place'].map((name) => one(name).getBoundingClientRect()).map(({ x, y, width, height }) => [x, y, width, height])")
        .await;
    assert!((newer[1] - older[1]).abs() < 1.0 && newer[0] < older[0]);
    assert!((newer[2] - older[2]).abs() < 1.0);
    assert!(place[1] >= newer[1] + newer[3]);
    let steps: Vec<[f64; 2]> = page
        .value("[...document.querySelectorAll('nav a')].map((link) => link.getBoundingClientRect()).map(({ width, height }) => [width, height])")
        .await;
    assert_eq!(steps.len(), 2);
    for [width, height] in steps {
        assert!(width >= 24.0 && height >= 24.0, "{width} x {height}");
    }
    // The way has a slash between its steps, and none at its end.
    let slashes: Value = page.value("[...document.querySelectorAll('nav li')].map((step) => ['::before', '::after'].map((part) => getComputedStyle(step, part).content.includes('/')))").await;
    assert_eq!(slashes, json!([[false, false], [true, false]]));
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_of_an_activity_shares_its_address() {
    let share = "document.querySelector('page-share').shadowRoot";
    let site = Site::with(busy()).await;
    let page = Timeline::open(site.address(), &format!("{PAGE}/activities/a-050")).await;
    page.until("the activity", "state() === 'activity'").await;
    page.act("navigator.clipboard.writeText = async (text) => void (window.copied = text)")
        .await;
    page.act(&format!("{share}.querySelector('summary').click()"))
        .await;
    page.until("it is copied and said", &format!("window.copied === `${{location.href}}?zone=UTC` && {share}.querySelector('[part=address]').value === window.copied && {share}.querySelector('[part=said]').textContent === 'The address is copied'"))
        .await;
    fits(&page, "activity-share").await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_without_activities_is_said_to_have_none_and_is_not_among_those_visited() {
    let site = Site::with(busy()).await;
    let page = Timeline::open(site.address(), "/projects/nosuch").await;
    page.until(
        "its title",
        "state() === 'empty' && document.title === 'nosuch · No activities'",
    )
    .await;
    page.visit(PAGE).await;
    page.until_live().await;
    assert_eq!(page.title().await, "proj_rooms · Activities");
    let kept: Vec<String> = page
        .value("JSON.parse(localStorage.getItem('tracker-recent:'))")
        .await;
    assert_eq!(kept, ["proj_rooms"]);
    page.visit("/projects/nosuch").await;
    page.until("nothing", "state() === 'empty'").await;
    site.record(vec![
        at("first", "deployment", TUESDAY).project_id("nosuch"),
    ])
    .await;
    page.until(
        "it has one",
        "state() === 'rows' && document.title === 'nosuch · Activities'",
    )
    .await;
    page.was_quiet().await;
}
