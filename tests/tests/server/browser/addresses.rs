//! An address for each activity, and for what a timeline shows.

use serde_json::{Value, json};
use tracker_core::{Activity, Status};
use tracker_tests::browser::{Site, TUESDAY, Timeline, at, numbered};

use super::PAGE;

/// Returns the steps of a request, and two activities of its time, one of the same deployment.
fn request() -> Vec<Activity> {
    let step = |id: &str, ms: i64| at(id, "deployment", TUESDAY + ms).request_id("req_1");
    vec![
        step("a", 0).user_id("user_1"),
        step("b", 1_200)
            .details("deployed <b>")
            .environment("production")
            .reference("deployment_id", "d_1"),
        step("c", 1_200).status(Status::Failure),
        at("other", "deployment", TUESDAY + 1_200),
        at("later", "github_push", TUESDAY + 9_000).reference("deployment_id", "d_1"),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_activity_has_a_page_with_its_request_and_its_neighbours() {
    let site = Site::with(request()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.act(
        "window.href = row('later').querySelector('a.when').href; location.href = window.href",
    )
    .await;
    page.until(
        "its page",
        "state() === 'activity' && one('.older') !== null",
    )
    .await;
    assert_eq!(page.title().await, "GitHub push · proj_rooms");
    let newest: Value = page
        .value("[one('.newer').hasAttribute('href'), new URL(one('.older').href).pathname]")
        .await;
    assert_eq!(
        newest,
        json!([false, "/projects/proj_rooms/activities/other"])
    );
    // At the same time, the greater ID is above.
    page.press("j").await;
    page.until(
        "the older one",
        "location.pathname.endsWith('/other') && one('.older[href]') !== null",
    )
    .await;
    page.press("j").await;
    page.until(
        "the next one",
        "location.pathname.endsWith('/c') && one('.older[href]') !== null",
    )
    .await;
    page.press("j").await;
    page.until("the request's", "location.pathname.endsWith('/b') && all('.request .row').length === 3 && all('.reference .row').length === 2").await;
    let steps: Value = page.value("all('.request .row').map((row) => [row.dataset.actionId, row.ariaCurrent, row.querySelector('.gap').textContent])").await;
    assert_eq!(
        steps,
        json!([["a", null, ""], ["b", "true", "+1.2s"], ["c", null, "+0ms"]])
    );
    let fields: Value = page.value("all('.fields > div').map((field) => [field.querySelector('dt').textContent, field.querySelector('[data-copy]').dataset.copy])").await;
    let expected = json!([
        ["Action", "deployment"],
        ["Status", "success"],
        ["Time", "Tuesday, March 3, 2020 at 10:00:01 AM UTC"],
        ["Time in UTC", "2020-03-03T10:00:01.200Z"],
        ["Request ID", "req_1"],
        ["Environment", "production"],
        ["Activity ID", "b"],
        ["deployment_id", "d_1"]
    ]);
    assert_eq!(fields, expected);
    assert_eq!(
        page.value::<String>("text('.details')").await,
        "deployed <b>"
    );
    let raw: Value =
        serde_json::from_str(&page.value::<String>("one('pre').textContent").await).unwrap();
    assert_eq!(raw["reference_ids"], json!({ "deployment_id": "d_1" }));
    page.click(".fields a.all[href*='reference']").await;
    page.until("the timeline of the deployment", "timeline.localName === 'activity-timeline' && state() === 'rows' && ids().join() === 'later,b'").await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_through_a_filtered_timeline_keeps_to_its_filters() {
    let site = Site::with(request()).await;
    let page = Timeline::open(
        site.address(),
        &format!("{PAGE}/activities/later?reference=deployment_id%3Ad_1"),
    )
    .await;
    page.until(
        "the older one",
        "new URL(one('.older')?.href ?? location.href).pathname.endsWith('/b')",
    )
    .await;
    let hrefs: Value = page.value("[new URL(one('.older').href).search, document.querySelector('nav li:last-child a').search]").await;
    assert_eq!(
        hrefs,
        json!([
            "?reference=deployment_id%3Ad_1",
            "?reference=deployment_id%3Ad_1&open=fold%3Alater&open=later&at=later"
        ])
    );
    page.visit(&format!("{PAGE}/activities/none")).await;
    page.until(
        "there is none",
        "state() === 'not-found' && one('.state a').pathname === '/projects/proj_rooms'",
    )
    .await;
    // What is not there is not shared.
    let share = "document.querySelector('page-share').hidden";
    assert!(page.value::<bool>(share).await);
    page.was_quiet_but_for_the_network().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_open_is_in_the_address_and_opens_again() {
    let site = Site::with(request()).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.click("article[data-key=later] > .head > .toggle")
        .await;
    page.until("it is in the address", "location.search === '?open=later'")
        .await;
    page.reload().await;
    page.until(
        "it stands open",
        "state() === 'rows' && row('later')?.querySelector('.facts')",
    )
    .await;
    // A filter keeps it, and the way back has it too.
    page.click("article[data-key=later] button.label").await;
    page.until(
        "the filter",
        "idle() && location.search === '?open=later&action_type=github_push'",
    )
    .await;
    page.back().await;
    page.until(
        "it stands open among all",
        "idle() && location.search === '?open=later' && row('later')?.querySelector('.facts') && row('other')",
    )
    .await;
    // A filter that hides it forgets it, and the way back has it all the same.
    page.click("article[data-key=other] button.label").await;
    page.until(
        "the filter alone",
        "idle() && location.search === '?action_type=deployment'",
    )
    .await;
    page.back().await;
    page.until(
        "it stands open",
        "location.search === '?open=later' && row('later')?.querySelector('.facts')",
    )
    .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_are_kept_in_the_browser_and_downloaded() {
    let site = Site::with(numbered(250)).await;
    let page = Timeline::open(site.address(), &format!("{PAGE}?q=number+1")).await;
    page.until_live().await;
    let tool = "document.querySelector('timeline-tools').shadowRoot";
    page.act(&format!(
        "{tool}.querySelector('.views-menu > summary').click()"
    ))
    .await;
    page.until(
        "the form",
        &format!("{tool}.querySelector('.save input') !== null"),
    )
    .await;
    page.act(&format!("{tool}.querySelector('.save input').value = 'First <i>'; {tool}.querySelector('.save button').click()"))
        .await;
    let view = format!("{tool}.querySelector('.views li a')");
    page.until(
        "the view",
        &format!("{view}?.textContent === 'First <i>' && {view}.search === '?q=number+1'"),
    )
    .await;
    page.visit(PAGE).await;
    page.until_live().await;
    page.act(&format!(
        "{tool}.querySelector('.views-menu > summary').click()"
    ))
    .await;
    page.until(
        "the view is kept",
        &format!("{view} && {view}.ariaCurrent === null"),
    )
    .await;
    page.act(&format!("{view}.click()")).await;
    page.until(
        "its rows",
        "location.search === '?q=number+1' && state() === 'rows' && idle()",
    )
    .await;

    // What is downloaded is what the filters let through.
    page.act("const made = URL.createObjectURL; URL.createObjectURL = (file) => ((window.file = file), made.call(URL, file)); HTMLAnchorElement.prototype.click = function () { window.saved = this.download; }")
        .await;
    page.act(&format!(
        "{tool}.querySelector('[data-format=jsonl]').click()"
    ))
    .await;
    page.until("the file", "window.saved === 'proj_rooms-activities.jsonl'")
        .await;
    let lines: Vec<String> = page
        .value("window.file.text().then((text) => text.trim().split('\\n'))")
        .await;
    assert_eq!(lines.len(), 111);
    page.until(
        "it is said",
        &format!("/^Downloaded, /.test({tool}.querySelector('.quiet').textContent)"),
    )
    .await;

    page.act(&format!(
        "{tool}.querySelector('.views-menu > summary').click()"
    ))
    .await;
    page.until(
        "the list of views",
        &format!("{tool}.querySelector('.views .remove') !== null"),
    )
    .await;
    page.act(&format!("{tool}.querySelector('.views .remove').click()"))
        .await;
    page.until(
        "no view",
        &format!("{tool}.querySelector('.views li') === null"),
    )
    .await;
    page.was_quiet().await;
}
