//! Every state in both colour schemes and two window sizes, checked by axe-core and kept as a
//! picture in `target/browser/`.

use tracker_core::{PostgresStore, Status};
use tracker_tests::browser::{Scheme, Site, Timeline, at, keep_readme_picture, realistic};

use super::{PAGE, access::Bearer, looks_well_everywhere};

/// Every state of the page is accessible in every window size and colour scheme.
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
        looks_well_everywhere(&page, name, reached).await;
    }
    page.was_quiet_but_for_the_network().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_open_has_no_accessibility_fault_in_either_colour_scheme() {
    let now = realistic()[0].created_at.unwrap_or_default() + 60_000;
    let queries = (0..7).map(|number| {
        at(
            &format!("queries-{number}"),
            "queries_executed",
            now + number,
        )
        .request_id("req_migration")
        .details(format!("ran step {number} of the migration"))
    });
    let pushes = (0..4).map(|number| {
        at(&format!("push-{number}"), "github_push", now + 100 + number)
            .status(Status::Failure)
            .details("no access to the repository")
    });
    let deployed = at("deployed", "deployment", now + 50).request_id("req_migration");
    let site = Site::with(realistic()).await;
    site.record(queries.chain(pushes).chain([deployed]).collect())
        .await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    page.act("timeline.opened = ['fold:push-0', 'push-1', 'req_migration', 'fold:queries-0', 'queries-2']")
        .await;
    let open = "all('.row[data-open]').length >= 5 && idle() && live() && all('.bar').length > 0";
    looks_well_everywhere(&page, "opened", open).await;
    page.was_quiet().await;
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
