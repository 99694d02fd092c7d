//! Browsers that keep nothing: the reader has forbidden it, or there is no room left.

use std::time::{Duration, SystemTime};

use fantoccini::key::Key;
use tracker_tests::browser::{Edge, PROJECT, Site, Timeline, numbered};

use super::{
    PAGE,
    access::Bearer,
    viewer_links::{KEY, settings},
};
use crate::api::viewer_links::keys;

/// What Chromium does if its reader has forbidden cookies.
const FORBIDDEN: &str = r#"
    for (const name of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
    }
"#;

/// What a browser does if a page has used up its room.
const FULL: &str = r#"
    Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_browser_that_keeps_nothing_shows_everything_until_the_page_is_left() {
    let mut rows = numbered(60);
    rows[1].user_id = Some("user_7".to_owned());
    let own = rows[1].action_id.clone();
    let site = Site::set(rows, settings(Bearer)).await;
    let until = SystemTime::now() + Duration::from_hours(1);
    let link = keys(KEY).link(PROJECT, [("user_id", "user_7")], until);
    let link = link.unwrap().path().to_owned();
    for (name, script) in [("forbidden", FORBIDDEN), ("full", FULL)] {
        let page = Timeline::open(site.address(), PAGE).await;
        page.begin_with(script).await;
        page.reload().await;
        page.until("it asks", "focused()?.matches('[part=token-input]')")
            .await;
        page.press("s3cret").await;
        page.press(&Key::Enter).await;
        page.until_live().await;

        // The token holds for the filters before and behind, and the reader's place is found again.
        page.scroll_to(Edge::End).await;
        page.until(
            "the rest",
            "idle() && text('[part=end]') === 'That is all.'",
        )
        .await;
        page.act(&format!(
            "row('{own}').querySelector('[data-filter=user_id]').click()"
        ))
        .await;
        page.until("the user's", &format!("idle() && ids().join() === '{own}'"))
            .await;
        page.back().await;
        page.until(name, "idle() && scrollY > 0 && location.search === ''")
            .await;

        // Nothing is kept for the next page, which asks again, or takes the token of a link.
        page.reload().await;
        page.until("it asks again", "state() === 'unauthorized'")
            .await;
        page.visit(&link).await;
        page.until("the link's", &format!("ids().join() === '{own}'"))
            .await;
        page.was_quiet_but_for_the_network().await;
    }
}
