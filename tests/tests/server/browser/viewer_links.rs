//! The dialog that makes a link for viewers.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use fantoccini::key::Key;
use tracker_server::{Authorize, Open, Replaceable, Settings};
use tracker_tests::browser::{NARROW, PROJECT, Site, Timeline, numbered};

use super::{PAGE, access::Bearer, fits, looks_well};
use crate::api::viewer_links::keys;

/// The button with its dialog.
pub(super) const LINK: &str = "document.querySelector('viewer-link')";
/// True if a link has been made.
pub(super) const MADE: &str =
    "(document.querySelector('viewer-link').shadowRoot.querySelector('[part=link]') !== null)";

/// The key that signs the links of these settings.
pub(super) const KEY: &str = "2026-11 0123456789abcdef0123456789abcdef";

const INSIDE: &str = "document.querySelector('viewer-link').shadowRoot";

/// Returns an expression that opens the dialog and asks for a link, and is false.
pub(super) fn make() -> String {
    format!(
        "({INSIDE}.querySelector('dialog').open || ({INSIDE}.querySelector('.tool').click(), {INSIDE}.querySelector('form').requestSubmit()), false)"
    )
}

/// Returns the settings of a server that makes links.
pub(super) fn settings(authorize: impl Authorize) -> Settings {
    let keys = Arc::new(keys(KEY));
    let settings = Settings::new(Arc::new(authorize));
    settings.viewer_links(Arc::new(Replaceable::new(keys)))
}

async fn site(authorize: impl Authorize) -> Site {
    let mut rows = numbered(3);
    rows[1].user_id = Some("user_7".to_owned());
    Site::set(rows, settings(authorize)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_made_by_the_keyboard_and_shows_what_the_filters_let_through() {
    let site = site(Bearer).await;
    let page = Timeline::open(site.address(), &format!("{PAGE}?user_id=user_7")).await;
    page.until("it asks", "focused()?.matches('[part=token-input]')")
        .await;
    assert!(page.value::<bool>(&format!("{LINK}.hidden")).await);
    page.press("s3cret").await;
    page.press(&Key::Enter).await;
    page.until(
        "the button",
        &format!("state() === 'rows' && !{LINK}.hidden"),
    )
    .await;
    page.resize(NARROW).await;
    page.act(&format!("{INSIDE}.querySelector('.tool').focus()"))
        .await;
    page.press(&Key::Enter).await;
    page.until(
        "the dialog",
        &format!(
            "{INSIDE}.querySelector('dialog').open && {INSIDE}.activeElement.matches('select')"
        ),
    )
    .await;
    let shown: Vec<String> = page
        .value(&format!(
            "[...{INSIDE}.querySelectorAll('li')].map((item) => item.textContent)"
        ))
        .await;
    assert_eq!(shown, ["User user_7"]);
    let times: Vec<String> = page
        .value(&format!(
            "[...{INSIDE}.querySelectorAll('option')].map((item) => item.textContent)"
        ))
        .await;
    assert_eq!(times, ["1 hour", "1 day", "7 days", "30 days", "90 days"]);
    page.press(&Key::Tab).await;
    page.press(&Key::Enter).await;
    page.until("the link", MADE).await;
    page.until(
        "it is said",
        &format!("{INSIDE}.querySelector('[role=status]').textContent !== ''"),
    )
    .await;
    fits(&page, "viewer-link-made").await;
    let said: String = page
        .value(&format!("{INSIDE}.querySelector('.made').textContent"))
        .await;
    assert!(said.contains("the key 2026-11"), "{said}");
    assert!(said.contains("your own computer"), "{said}");
    let (link, selected): (String, bool) = page
        .value(&format!("(({{ value, selectionEnd }}) => [value, selectionEnd === value.length])({INSIDE}.querySelector('[part=link]'))"))
        .await;
    assert!(selected);

    // Escape leads back to the button.
    page.press(&Key::Escape).await;
    page.until(
        "the button",
        &format!(
            "!{INSIDE}.querySelector('dialog').open && {INSIDE}.activeElement.matches('.tool')"
        ),
    )
    .await;
    page.was_quiet_but_for_the_network().await;

    // Another browser, which has no access of its own.
    let path = link
        .strip_prefix(&format!("http://{}", site.address()))
        .unwrap();
    let guest = Timeline::open(site.address(), path).await;
    guest.until_live().await;
    assert_eq!(guest.ids().await, ["numbered-00002"]);
    assert!(guest.value::<bool>(&format!("{LINK}.hidden")).await);
    // The guest sees the days of whoever has made the link, and which part this is.
    let zone = [("zone".to_owned(), "UTC".to_owned())];
    assert_eq!(guest.query().await, zone);
    let part = "[...document.querySelectorAll('header .viewer li')].map((item) => item.textContent).join() === 'User user_7'";
    assert!(guest.value::<bool>(part).await);
    looks_well(&guest, "viewer-link-opened").await;
    guest.click("a.when").await;
    guest
        .until(
            "the activity's page",
            &format!("state() === 'activity' && {part}"),
        )
        .await;
    guest.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_is_sent_twice_shows_one_link() {
    let site = site(Open).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until("the button", &format!("!{LINK}.hidden")).await;
    page.act(&format!("void {}", make())).await;
    page.act(&format!("{INSIDE}.querySelector('form').requestSubmit()"))
        .await;
    let answers = "performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/viewer-links'))";
    page.until(
        "both answers",
        &format!(
            "{answers}.length === 3 && {INSIDE}.querySelector('[role=status]').textContent !== ''"
        ),
    )
    .await;
    let links: usize = page
        .value(&format!("{INSIDE}.querySelectorAll('[part=link]').length"))
        .await;
    assert_eq!(links, 1);
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_opens_a_link_in_a_page_with_access_can_make_none_any_more() {
    let site = site(Open).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until("the button", &format!("!{LINK}.hidden")).await;
    let until = SystemTime::now() + Duration::from_hours(1);
    let link = keys(KEY).link(PROJECT, [("user_id", "user_7")], until);
    let path = link.unwrap().path().to_owned();
    page.act(&format!("location.href = '{path}'")).await;
    page.until(
        "the part",
        &format!("state() === 'rows' && ids().join() === 'numbered-00002' && {LINK}.hidden"),
    )
    .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_keys_offers_no_link_and_a_failure_is_told() {
    let site = Site::with(numbered(3)).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until_live().await;
    assert!(page.value::<bool>(&format!("{LINK}.hidden")).await);
    page.was_quiet().await;

    let site = self::site(Open).await;
    let long = "x".repeat(4_000);
    let page = Timeline::open(site.address(), &format!("{PAGE}?user_id={long}")).await;
    page.until("the button", &format!("!{LINK}.hidden")).await;
    page.act(&format!("void {}", make())).await;
    page.until(
        "the reason",
        &format!("{INSIDE}.querySelector('[role=status]').textContent !== '' && !{MADE}"),
    )
    .await;
    page.was_quiet_but_for_the_network().await;
}
