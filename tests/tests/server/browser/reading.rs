//! Reading: rows grouped by day, an empty project, thousands of rows, and hostile rows.

use serde_json::{Value, json};
use tracker_core::Status;
use tracker_tests::{
    browser::{Site, TUESDAY, Timeline, at, numbered},
    proxy::{Proxy, Weather},
};

use super::{PAGE, ROWS, newest_first};

const HOUR: i64 = 3_600_000;

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

    assert_eq!(page.title().await, "proj_rooms · Activities");
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
    assert_eq!(said, "Nothing is recorded for this project yet");
    let hint: String = page.value("text('[data-state=empty]')").await;
    assert!(hint.contains("The activities of proj_rooms"), "{hint}");
    let list: String = page.value("one('[part=projects]').pathname").await;
    assert_eq!(list, "/projects");
    // Filters are not to blame.
    page.visit(&format!("{PAGE}?status=failure")).await;
    page.until("the same", "state() === 'empty' && live()")
        .await;
    page.visit(PAGE).await;
    page.until("it says so", "state() === 'empty' && live()")
        .await;
    site.record(numbered(1)).await;
    page.until("the row", "state() === 'rows' && rows().length === 1")
        .await;
    assert!(!page.value::<bool>("shown('.state')").await);
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
    for _ in 0..3 {
        // The proxy holds the page back until the rows have settled.
        proxy.set(Weather::Held);
        let loaded: usize = page.value("rows().length").await;
        // The script keeps the positions that it saw, for the message of a failure.
        let scroll = "
            scrollTo({ top: document.scrollingElement.scrollHeight, behavior: 'instant' });
            const witness = (window.witness = rows().at(-3));
            const went = (window.went = []);
            const look = () => {
                const { scrollTop, scrollHeight } = document.scrollingElement;
                const now = `${witness.getBoundingClientRect().top} at ${scrollTop} of ${scrollHeight}, ${rows().length} rows`;
                if (now !== went.at(-1)) went.push(now);
                if (window.went === went) requestAnimationFrame(look);
            };
            look();";
        page.act(scroll).await;
        let before: f64 = page.value("placeOf(window.witness)").await;
        proxy.set(Weather::Fair);
        page.until(
            "a further page",
            &format!("rows().length > {loaded} && idle()"),
        )
        .await;
        let after: f64 = page.value("placeOf(window.witness)").await;
        let went: Value = page.value("window.went").await;
        assert!(
            (after - before).abs() < 1.0,
            "from {before} to {after} with {loaded} rows: {went}"
        );
    }
    page.act("const middle = rows()[120]; middle.scrollIntoView({ block: 'start', behavior: 'instant' });").await;
    page.until("the place is kept", "JSON.parse(sessionStorage.getItem('tracker-positions'))?.at(-1)?.[1]?.action_id === timeline.position?.action_id && timeline.position !== null").await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_other_programs_are_shown_digit_by_digit() {
    let with = |id: &str, references: &str| {
        let mut activity = at(id, "deployment", TUESDAY);
        activity.reference_ids = serde_json::from_str(references).unwrap();
        activity
    };
    let rows = vec![
        with(
            "a",
            r#"{"big":12345678901234567890123,"deep":[-0,{"x":1.0}],"id":7}"#,
        ),
        with("b", "12345678901234567890123"),
    ];
    let site = Site::with(rows).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    let shown = |id: &str| {
        format!(
            "[...row('{id}').querySelectorAll('.chip .value')].map((value) => value.textContent)"
        )
    };
    let [one, other]: [Vec<String>; 2] = page
        .value(&format!("[{}, {}]", shown("a"), shown("b")))
        .await;
    assert_eq!(one, ["12345678901234567890123", r#"[-0,{"x":1.0}]"#, "7"]);
    assert_eq!(other, ["12345678901234567890123"]);
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
    // The hostile value is also shown as a filter, in the chips above the rows and in the menus.
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
        page.value::<bool>("window.ran === undefined && all('article a:not(.when)').length === 0")
            .await
    );
    page.was_quiet().await;
}
