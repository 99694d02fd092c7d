//! The timeline in a browser: what people see of their project, and what they can do with it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use axum::http::request;
use fantoccini::key::Key;
use futures_util::future::{BoxFuture, ready};
use serde_json::{Value, json};
use tracker_core::{Activity, PostgresStore, Status, Store};
use tracker_server::{Authorize, Decision};
use tracker_tests::{
    browser::{
        Browser, NARROW, Scheme, Site, Timeline, WIDE, at, keep_picture, keep_readme_picture,
        numbered, realistic,
    },
    postgres::TestDatabase,
    process::wait_until,
    proxy::{Proxy, Weather},
};

const PAGE: &str = "/projects/proj_rooms";

/// How many rows there are on a page.
const ROWS: usize = 50;

/// How long clean-up after a process may take on a busy machine.
const CLEAN_UP_LIMIT: Duration = Duration::from_secs(30);

/// 2020-03-03T10:00:00Z.
const TUESDAY: i64 = 1_583_229_600_000;

const HOUR: i64 = 3_600_000;

/// IDs as the page has to order them: newest first, and at the same time the greater ID first.
fn newest_first(activities: &[Activity], keep: impl Fn(&Activity) -> bool) -> Vec<String> {
    let mut kept: Vec<_> = activities.iter().filter(|row| keep(row)).collect();
    kept.sort_by_key(|row| (row.created_at, &row.action_id));
    kept.iter().rev().map(|row| row.action_id.clone()).collect()
}

/// The first page of them.
fn first_page(activities: &[Activity], keep: impl Fn(&Activity) -> bool) -> Vec<String> {
    let mut ids = newest_first(activities, keep);
    ids.truncate(ROWS);
    assert!(
        !ids.is_empty(),
        "a filter that lets nothing through proves nothing"
    );
    ids
}

/// Waits until rows, address and chips all say the same; the first page of the rows, that is.
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_stand_below_their_days_and_say_who_did_what_and_when() {
    let deployed = at("d", "deployment", TUESDAY)
        .user_id("user_42")
        .request_id("req_9f2")
        .environment("production")
        .details("deployed to https://rooms.example.org.")
        .reference("deployment_id", "deploy_xyz789");
    let failed = at("c", "github_push", TUESDAY - HOUR).status(Status::Failure);
    let unknown = at("b", "invoice_sent", TUESDAY - 11 * HOUR).user_id("user_1");
    let mut bare = at("a", "deployment", 0);
    (bare.action_type, bare.status, bare.created_at) = (None, None, None);
    let site = Site::with(vec![unknown, bare, deployed, failed]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;

    assert_eq!(page.title().await, "proj_rooms · Activity");
    let days: Value = page
        .value("all('section').map((day) => [day.querySelector('h2').textContent, ...[...day.querySelectorAll('article')].map((row) => row.dataset.actionId)])")
        .await;
    assert_eq!(
        days,
        json!([
            ["Tue, Mar 3, 2020", "d", "c"],
            ["Mon, Mar 2, 2020", "b"],
            ["No date", "a"]
        ])
    );
    let said = |id: &str| {
        format!(
            "(() => {{
                const said = (selector) => row('{id}').querySelector(selector)?.textContent ?? null;
                return {{
                    label: said('.label'), details: said('.details'), user: said('.user'), icon: row('{id}').querySelector('.icon svg').dataset.icon,
                    time: row('{id}').querySelector('time')?.dateTime ?? null,
                    chips: [...row('{id}').querySelectorAll('.chip')].map((chip) => chip.textContent),
                }};
            }})()"
        )
    };
    assert_eq!(
        page.value::<Value>(&said("d")).await,
        json!({
            "label": "Deployment", "details": "deployed to https://rooms.example.org.", "user": "user_42", "icon": "deployment",
            "time": "2020-03-03T10:00:00.000Z", "chips": ["production", "request req_9f2", "deployment_id deploy_xyz789"],
        })
    );
    assert_eq!(
        page.value::<Value>(
            "[row('d').querySelector('.details a').href, row('d').querySelector('.details a').rel]"
        )
        .await,
        json!(["https://rooms.example.org/", "noopener noreferrer nofollow"])
    );
    assert_eq!(
        page.value::<Value>(&said("c")).await["chips"],
        json!(["failure"])
    );
    let unknown: Value = page.value(&said("b")).await;
    assert_eq!(
        (&unknown["label"], &unknown["icon"]),
        (&json!("Invoice sent"), &json!("activity"))
    );
    assert_eq!(
        page.value::<Value>(&said("a")).await,
        json!({ "label": "Activity", "details": null, "user": "", "icon": "activity", "time": null, "chips": [] })
    );
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_project_says_so_until_its_first_activity_comes() {
    let site = Site::with(Vec::new()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until("it says so", "state() === 'empty' && live()")
        .await;
    let said: String = page.value("text('[data-state=empty] .title')").await;
    assert_eq!(said, "No activities yet");
    site.record(numbered(1)).await;
    page.until("the row", "state() === 'rows' && rows().length === 1")
        .await;
    assert!(!page.value::<bool>("shown('.state')").await);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_address_and_chips_agree_on_the_filters_also_back_and_forward() {
    let all = realistic();
    let site = Site::with(all.clone()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let everything = first_page(&all, |_| true);
    agree(&page, &[], &everything).await;

    page.click("article .chip[data-filter=environment][data-value=staging]")
        .await;
    let staged = |row: &Activity| row.environment.as_deref() == Some("staging");
    let environment = ("environment", "staging");
    let of_environment = first_page(&all, staged);
    agree(&page, &[environment], &of_environment).await;

    page.click("article button.user").await;
    let user: String = page.value("one('article button.user').dataset.value").await;
    let theirs = |row: &Activity| staged(row) && row.user_id.as_deref() == Some(&user);
    let user = ("user_id", &*user);
    agree(&page, &[environment, user], &first_page(&all, theirs)).await;

    page.click("[part=action-types-menu] summary").await;
    page.click("input[value=deployment]").await;
    let deployed = |row: &Activity| theirs(row) && row.action_type.as_deref() == Some("deployment");
    let action = ("action_type", "deployment");
    let of_type = first_page(&all, deployed);
    agree(&page, &[environment, user, action], &of_type).await;
    page.press(&Key::Escape).await;
    page.until(
        "the menu is closed",
        "!one('[part=action-types-menu]').open",
    )
    .await;

    page.choose("[part=status]", "failure").await;
    let failed = |row: &Activity| deployed(row) && row.status == Some(Status::Failure);
    let status = ("status", "failure");
    let of_status = first_page(&all, failed);
    agree(&page, &[environment, user, action, status], &of_status).await;

    page.back().await;
    agree(&page, &[environment, user, action], &of_type).await;
    page.back().await;
    page.back().await;
    agree(&page, &[environment], &of_environment).await;
    page.forward().await;
    page.forward().await;
    page.forward().await;
    agree(&page, &[environment, user, action, status], &of_status).await;

    page.reload().await;
    agree(&page, &[environment, user, action, status], &of_status).await;
    page.click("[part=filter-chip][data-filter=environment]")
        .await;
    let elsewhere = first_page(&all, |row| {
        (row.user_id.as_deref(), row.action_type.as_deref()) == (Some(user.1), Some(action.1))
            && row.status == Some(Status::Failure)
    });
    agree(&page, &[user, action, status], &elsewhere).await;
    page.click("[part=clear-all]").await;
    agree(&page, &[], &everything).await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_5000_activities_comes_once_and_in_its_order_by_scrolling() {
    let all = numbered(5_000);
    let site = Site::with(all.clone()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let mut loaded = ROWS;
    while loaded < all.len() {
        page.act("scrollTo({ top: document.scrollingElement.scrollHeight, behavior: 'instant' })")
            .await;
        page.until(
            "a further page",
            &format!("rows().length > {loaded} && idle()"),
        )
        .await;
        loaded = page.value("rows().length").await;
    }
    page.until(
        "it is said that this is all",
        "text('[part=end]') === 'That is all.'",
    )
    .await;
    assert_eq!(page.ids().await, newest_first(&all, |_| true));
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_appended_moves_nothing_and_the_place_is_found_again() {
    let site = Site::with(numbered(1_000)).await;
    let proxy = Proxy::before(site.address()).await;
    let page = Timeline::open(proxy.address(), PAGE).await;
    page.until_live().await;
    proxy.set(Weather::Slow(Duration::from_millis(400)));
    for _ in 0..3 {
        let loaded: usize = page.value("rows().length").await;
        let scroll = "scrollTo({ top: document.scrollingElement.scrollHeight, behavior: 'instant' }); window.witness = rows().at(-3);";
        page.act(scroll).await;
        let (before, waits): (f64, bool) = page
            .value(&format!(
                "(async () => [await placeOf(window.witness), rows().length === {loaded}])()"
            ))
            .await;
        assert!(
            waits,
            "the page comes while the rows still find their places"
        );
        page.until(
            "a further page",
            &format!("rows().length > {loaded} && idle()"),
        )
        .await;
        let after: f64 = page.value("placeOf(window.witness)").await;
        assert!(
            (after - before).abs() < 1.0,
            "from {before} to {after} with {loaded} rows"
        );
    }
    proxy.set(Weather::Fair);
    page.act("const middle = rows()[120]; middle.scrollIntoView({ block: 'start', behavior: 'instant' });").await;
    page.until("the place is kept", "history.state?.position?.action_id === timeline.position?.action_id && timeline.position !== null").await;
    let place: Value = page.value("timeline.position").await;
    page.reload().await;
    page.until(
        "the same place",
        &format!(
            "timeline.position?.action_id === {} && Math.abs(timeline.position.offset - {}) < 2",
            place["action_id"], place["offset"]
        ),
    )
    .await;
    page.was_quiet().await;
}

/// What is new is inserted for whoever is at the top, and announced to everybody else.
async fn arrives(site: &Site) {
    site.record(numbered(200)).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let now = numbered(1)[0].created_at.unwrap_or_default() + 120_000;
    site.record(vec![at("new-0", "deployment", now)]).await;
    page.until("the first", "ids()[0] === 'new-0'").await;
    assert!(!page.value::<bool>("shown('[part=marker]')").await);

    page.act("scrollTo({ top: 900, behavior: 'instant' })")
        .await;
    let (before, height): (f64, usize) = page
        .value("[(window.witness = rows()[20]).getBoundingClientRect().top, rows().length]")
        .await;
    site.record(
        (1..4)
            .map(|number| {
                at(
                    ["new-1", "new-2", "new-3"][number - 1],
                    "deployment",
                    now + 1_000,
                )
            })
            .collect(),
    )
    .await;
    page.until(
        "the marker",
        "shown('[part=marker]') && text('[part=marker]') === '3 new activities'",
    )
    .await;
    page.until(
        "it is said aloud",
        "text('[part=announcement]') === '3 new activities'",
    )
    .await;
    let (after, same): (f64, bool) = page
        .value(&format!(
            "[window.witness.getBoundingClientRect().top, rows().length === {height}]"
        ))
        .await;
    assert!(
        same && (before - after).abs() < 1.0,
        "from {before} to {after}"
    );

    page.click("[part=marker]").await;
    page.until(
        "all are there",
        "ids().slice(0, 4).join() === 'new-3,new-2,new-1,new-0'",
    )
    .await;
    assert!(
        page.value::<bool>("scrollY === 0 && !shown('[part=marker]') && focused() === rows()[0]")
            .await
    );
    // What comes next comes behind whatever might have come twice.
    site.record(vec![at("new-4", "deployment", now + 2_000)])
        .await;
    page.until("the last", "ids()[0] === 'new-4'").await;
    assert!(
        page.value::<bool>("new Set(ids()).size === rows().length")
            .await
    );
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_in_sqlite_is_inserted_at_the_top_and_else_announced() {
    arrives(&Site::with(Vec::new()).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrives_in_postgres_is_inserted_at_the_top_and_else_announced() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    arrives(&Site::over(store).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_outage_what_was_missed_is_there_once() {
    let site = Site::with(numbered(200)).await;
    let proxy = Proxy::before(site.address()).await;
    let page = Timeline::open(proxy.address(), PAGE).await;
    page.until_live().await;
    let now = numbered(1)[0].created_at.unwrap_or_default() + 120_000;
    for (later, id) in (0..).zip(["missed-0", "missed-1", "missed-2"]) {
        let before = page.ids().await;
        // At last it's the viewer's own network that is gone.
        let is_own = later == 2;
        if is_own {
            page.reach_the_network(false).await;
        } else {
            proxy.set(Weather::Closed);
        }
        page.until(
            "the banner",
            "shown('[part=offline]') && text('[part=offline]') === 'Offline: showing what was loaded'",
        )
        .await;
        site.record(vec![at(id, "deployment", now + later)]).await;
        // Nothing else changes, and nobody is interrupted by it.
        assert_eq!(page.ids().await, before);
        let is_quiet: bool = page
            .value("one('[part=offline]').getAttribute('role') === 'status'")
            .await;
        assert!(is_quiet);
        if is_own {
            page.reach_the_network(true).await;
        } else {
            proxy.set(Weather::Fair);
        }
        page.until(
            "what was missed",
            &format!("!shown('[part=offline]') && live() && ids()[0] === '{id}'"),
        )
        .await;
        // The next page may have been appended meanwhile.
        let after = page.ids().await;
        assert!(
            after[1..].starts_with(&before),
            "and nothing else: {after:?}"
        );
    }
    page.was_quiet_but_for_the_network().await;
}

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
    assert!(
        page.value::<bool>("(() => { const { top, bottom } = focused().getBoundingClientRect(); return top >= 0 && bottom <= innerHeight; })()")
            .await
    );

    // The label, then the chips.
    page.press(&Key::Tab).await;
    assert!(
        page.value::<bool>("focused().matches('article:nth-of-type(n) > .label')")
            .await
    );
    page.press(&Key::Tab).await;
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

/// Waits until the rows are those of the range that the address names.
async fn in_range(page: &Timeline, all: &[Activity]) {
    let (from, to): (i64, i64) = page
        .value("['created_after', 'created_before'].map((name) => Date.parse(new URLSearchParams(location.search).get(name)))")
        .await;
    let ids = first_page(all, |row| {
        row.created_at
            .is_some_and(|time| (from..to).contains(&time))
    });
    page.until(
        "the rows of the range",
        &format!(
            "JSON.stringify(ids().slice(0, {ROWS})) === JSON.stringify({})",
            json!(ids)
        ),
    )
    .await;
}

/// What the page shows in its states is for everybody, whatever window and colours they have.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_state_has_an_accessibility_fault_in_either_colour_scheme() {
    let site = Site::with(realistic()).await;
    let away =
        Site::over(PostgresStore::new("postgres://nobody@127.0.0.1:9/nothing").unwrap()).await;
    let refusing = Site::guarded(Vec::new(), Bearer).await;
    let rows = "state() === 'rows' && idle() && live() && all('.bar').length > 0";
    let states = [
        ("rows", &site, PAGE, rows),
        (
            "filtered",
            &site,
            "/projects/proj_rooms?status=failure&environment=production",
            rows,
        ),
        (
            "empty",
            &site,
            "/projects/proj_empty",
            "state() === 'empty'",
        ),
        (
            "no-match",
            &site,
            "/projects/proj_rooms?q=nothing+like+it",
            "state() === 'no-match'",
        ),
        ("error", &away, PAGE, "state() === 'error'"),
        (
            "unauthorized",
            &refusing,
            PAGE,
            "state() === 'unauthorized'",
        ),
    ];
    let page = Timeline::open(site.address(), PAGE).await;
    for (name, site, path, reached) in states {
        page.go(&format!("http://{}{path}", site.address())).await;
        for (size, window) in [("wide", WIDE), ("narrow", NARROW)] {
            page.resize(window).await;
            for scheme in Scheme::ALL {
                page.prefer(scheme).await;
                page.until(name, reached).await;
                let what = format!("{name}-{size}-{}", scheme.name());
                page.is_accessible(&what).await;
                let wider: bool = page
                    .value("document.documentElement.scrollWidth > innerWidth")
                    .await;
                assert!(!wider, "{what} has to be scrolled sideways");
                keep_picture(&what, &page.picture().await);
            }
        }
        page.resize(WIDE).await;
    }
    page.was_quiet_but_for_the_network().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_picture_of_the_readme_can_be_taken_again() {
    let site = Site::with(realistic()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.prefer(Scheme::Light).await;
    page.hide_scrollbars().await;
    page.until_live().await;
    page.until("the bars", "all('.bar').length > 0").await;
    keep_readme_picture(&page.picture().await);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn markup_in_an_activity_is_shown_and_neither_made_nor_run() {
    const SCRIPT: &str = "<script>window.ran = true</script>";
    const IMAGE: &str = "<img src=x onerror=\"window.ran = true\">";
    let hostile = at("hostile", "deployment", TUESDAY)
        .details(format!("{SCRIPT}{IMAGE} javascript:alert(1)"))
        .user_id(IMAGE)
        .request_id(SCRIPT)
        .environment(IMAGE)
        .status(Status::Other(SCRIPT.into()))
        .reference(IMAGE, SCRIPT);
    let mut of_that_type = at("odd", "deployment", TUESDAY - HOUR);
    of_that_type.action_type = Some(IMAGE.into());
    let site = Site::with(vec![hostile, of_that_type]).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let (details, user, chips): (String, String, Vec<String>) = page
        .value("[text('.details'), text('.user'), [...row('hostile').querySelectorAll('.chip .value')].map((value) => value.textContent)]")
        .await;
    assert_eq!(details, format!("{SCRIPT}{IMAGE} javascript:alert(1)"));
    assert_eq!(user, IMAGE);
    assert_eq!(chips, [SCRIPT, IMAGE, SCRIPT, SCRIPT]);
    // As a filter it is shown too, in the chips above the rows and in the menus.
    page.click("article[data-action-id=hostile] button.user")
        .await;
    page.until(
        "the chip",
        "all('[part=filter-chip]').length === 1 && idle()",
    )
    .await;
    let made: usize = page
        .value("all('script, img, iframe, [onerror]').length + document.images.length")
        .await;
    assert_eq!(made, 0);
    assert!(
        page.value::<bool>("window.ran === undefined && all('article a').length === 0")
            .await
    );
    page.was_quiet().await;
}

/// Wants the one token there is.
struct Bearer;

impl Authorize for Bearer {
    fn decide<'a>(&'a self, request: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        let given = request.headers.get("authorization");
        let known = given.is_some_and(|value| value == "Bearer s3cret");
        Box::pin(ready(if known {
            Decision::Allowed
        } else {
            Decision::Unauthenticated
        }))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_is_asked_for_and_opens_the_timeline() {
    let site = Site::guarded(numbered(3), Bearer).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until(
        "it asks",
        "state() === 'unauthorized' && focused()?.matches('[part=token-input]')",
    )
    .await;
    assert_eq!(page.ids().await, [""; 0]);
    page.press("wrong").await;
    page.press(&Key::Enter).await;
    page.until("it asks again", "/does not accept this token/.test(text('[data-state=unauthorized]')) && focused()?.matches('[part=token-input]')")
        .await;
    page.press("s3cret").await;
    page.press(&Key::Enter).await;
    page.until_live().await;
    assert_eq!(page.ids().await.len(), 3);
    assert!(!page.value::<bool>("location.href.includes('s3cret')").await);
    page.reload().await;
    page.until_live().await;
    // For this tab alone.
    assert!(
        page.value::<bool>("localStorage.length === 0 && document.cookie === ''")
            .await
    );
    page.was_quiet_but_for_the_network().await;
}

#[test]
fn a_killed_test_process_leaves_no_browser() {
    let mut process = Command::new(env!("CARGO_BIN_EXE_hold_browser"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let directory = lines.next().expect("a directory").unwrap();
    // So that a look at the wrong place doesn't pass for "nothing left".
    assert!(processes_of(&directory) > 3 && Path::new(&directory).is_dir());
    process.kill().unwrap();
    process.wait().unwrap();
    wait_until(CLEAN_UP_LIMIT, "the ended process left nothing", || {
        processes_of(&directory) == 0 && !Path::new(&directory).exists()
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_that_panics_leaves_no_browser() {
    let (send, directory) = tokio::sync::oneshot::channel();
    let test = tokio::spawn(async {
        let browser = Browser::start().await;
        send.send(browser.directory().to_owned()).unwrap();
        panic!("as a failing test does");
    });
    assert!(test.await.unwrap_err().is_panic());
    let directory = directory.await.unwrap();
    assert!(!directory.exists());
    assert_eq!(processes_of(&directory.display().to_string()), 0);
}

/// How many processes name a directory in their arguments.
fn processes_of(directory: &str) -> usize {
    let processes = fs::read_dir("/proc").unwrap();
    processes
        .filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok())
        .filter(|arguments| String::from_utf8_lossy(arguments).contains(directory))
        .count()
}
