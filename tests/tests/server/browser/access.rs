//! A server that requires a token.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::http::request;
use fantoccini::key::Key;
use futures_util::future::{BoxFuture, ready};
use tracker_server::{Authorize, Decision, Replaceable, Settings};
use tracker_tests::browser::{Site, Timeline, keep_picture, numbered};

use super::{PAGE, fits};
use crate::api::viewer_links::keys;

/// Accepts one token.
pub(crate) struct Bearer;

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
    assert!(
        page.value::<bool>("document.querySelector('header .viewer').hidden")
            .await
    );
    assert!(!page.value::<bool>("location.href.includes('s3cret')").await);
    page.reload().await;
    page.until_live().await;
    // The token is kept for this tab alone.
    assert!(
        page.value::<bool>(
            "!Object.values(localStorage).join().includes('s3cret') && document.cookie === ''"
        )
        .await
    );
    page.was_quiet_but_for_the_network().await;
}

/// Allows everything for one more second at a time, until a test sets another decision.
#[derive(Clone, Default)]
struct Revocable(Arc<Mutex<Option<Decision>>>);

impl Authorize for Revocable {
    fn decide<'a>(&'a self, _: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        let a_second_more = || Decision::AllowedUntil(SystemTime::now() + Duration::from_secs(1));
        let told = *self.0.lock().unwrap();
        Box::pin(ready(told.unwrap_or_else(a_second_more)))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn access_that_ends_while_somebody_looks_takes_the_rows_with_it() {
    for (decision, state) in [
        (Decision::Unauthenticated, "unauthorized"),
        (Decision::Denied, "error"),
    ] {
        let access = Revocable::default();
        let site = Site::guarded(numbered(3), access.clone()).await;
        let page = Timeline::open(site.address(), PAGE).await;
        page.until_live().await;
        // The stream outlives the first permission.
        page.until(
            "it goes on",
            "live() && idle() && performance.now() > 3_000",
        )
        .await;
        access.0.lock().unwrap().replace(decision);
        let over = format!("state() === '{state}' && rows().length === 0 && !live()");
        page.until("access is over", &over).await;
        assert!(!page.value::<bool>("shown('.bar')").await);
        keep_picture(&format!("access-over-{state}"), &page.picture().await);
        access.0.lock().unwrap().take();
        if decision == Decision::Denied {
            page.click("[part=retry]").await;
        } else {
            page.press("s3cret").await;
            page.press(&Key::Enter).await;
        }
        page.until_live().await;
        assert_eq!(page.ids().await.len(), 3);
        page.was_quiet_but_for_the_network().await;
    }
}

/// Lets one token see the project, and knows another one.
struct TwoTokens;

impl Authorize for TwoTokens {
    fn decide<'a>(&'a self, request: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        let given = request.headers.get("authorization");
        let decision = match given.and_then(|given| given.to_str().ok()) {
            Some("Bearer own") => Decision::Allowed,
            Some("Bearer other") => Decision::Denied,
            _ => Decision::Unauthenticated,
        };
        Box::pin(ready(decision))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_another_project_makes_room_for_the_right_one() {
    let site = Site::guarded(numbered(3), TwoTokens).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until("it asks", "focused()?.matches('[part=token-input]')")
        .await;
    page.press("other").await;
    page.press(&Key::Enter).await;
    page.until(
        "it asks for another",
        "state() === 'error' && shown('[part=token-input]') && shown('[part=retry]')",
    )
    .await;
    keep_picture("access-of-another-project", &page.picture().await);
    page.click("[part=token-input]").await;
    page.press("own").await;
    page.press(&Key::Enter).await;
    page.until_live().await;
    assert_eq!(page.ids().await.len(), 3);
    page.was_quiet_but_for_the_network().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_not_logged_in_is_led_to_the_applications_login() {
    for (login, address) in [
        ("/login?next=1", "`${location.origin}/login?next=1`"),
        ("https://login.example.org/", "'https://login.example.org/'"),
    ] {
        let settings = Settings::new(Arc::new(Bearer)).login(login);
        let site = Site::set(numbered(3), settings).await;
        let page = Timeline::open(site.address(), PAGE).await;
        page.until(
            "it leads there",
            "state() === 'unauthorized' && focused()?.matches('a[part=login]')",
        )
        .await;
        let leads = format!("one('[part=login]').href === {address}");
        assert!(page.value::<bool>(&leads).await, "{login}");
        assert!(!page.value::<bool>("shown('[part=token-input]')").await);
        keep_picture("access-by-login", &page.picture().await);
        page.was_quiet_but_for_the_network().await;
    }
    // What is no address for people is no link.
    let settings = Settings::new(Arc::new(Bearer)).login("javascript:alert(1)");
    let site = Site::set(numbered(3), settings).await;
    let page = Timeline::open(site.address(), PAGE).await;
    page.until("it asks for a token", "shown('[part=token-input]')")
        .await;
    assert!(page.value::<bool>("all('a').length === 0").await);
    page.was_quiet_but_for_the_network().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_its_part_of_the_timeline_and_leaves_the_address() {
    const SECRET: &str = "main 0123456789abcdef0123456789abcdef";

    let signer = Arc::new(keys(SECRET));
    let served = Arc::new(Replaceable::new(Arc::clone(&signer)));
    let settings = Settings::new(Arc::new(Bearer)).viewer_links(served);
    let mut rows = numbered(3);
    rows[1].user_id = Some("user_7".to_owned());
    let shown = [rows[1].action_id.clone()];
    let site = Site::set(rows, settings).await;
    let until = SystemTime::now() + Duration::from_hours(1);
    let link = signer.link("proj_rooms", [("user_id", "user_7")], until);
    let link = link.unwrap();
    let page = Timeline::open(site.address(), link.path()).await;
    page.until_live().await;
    assert_eq!(page.ids().await, shown);
    let address: String = page.value("location.href").await;
    assert_eq!(address, format!("http://{}{PAGE}", site.address()));
    // It says that it is a part, and when it ends.
    let note = format!(
        "((note, end) => !note.hidden && note.textContent.startsWith('This link shows a part of this project, until ') && note.textContent.includes(String(end.getFullYear())))(document.querySelector('header .viewer'), new Date({}))",
        until.duration_since(UNIX_EPOCH).unwrap().as_millis()
    );
    assert!(page.value::<bool>(&note).await);
    fits(&page, "access-by-a-link").await;
    page.reload().await;
    page.until_live().await;
    assert_eq!(page.ids().await, shown);

    // Another link in the same tab shows what that one lets through.
    let empty = signer.link("proj_rooms", [("user_id", "nobody")], until);
    let path = empty.unwrap().path().to_owned();
    page.act(&format!("location.href = '{path}'")).await;
    page.until("nothing", "state() === 'empty' && location.hash === ''")
        .await;
    page.was_quiet().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_has_expired_or_lost_its_end_says_so_and_asks_for_no_token() {
    let signer = Arc::new(keys("main 0123456789abcdef0123456789abcdef"));
    let served = Arc::new(Replaceable::new(Arc::clone(&signer)));
    let settings = Settings::new(Arc::new(Bearer)).viewer_links(served);
    let site = Site::set(numbered(3), settings).await;
    let whole = |until| {
        let link = signer.link("proj_rooms", [("user_id", "user_7")], until);
        link.unwrap().path().to_owned()
    };
    let now = SystemTime::now();
    let expired = whole(now - Duration::from_hours(1));
    let mut cut = whole(now + Duration::from_hours(1));
    cut.truncate(cut.len() - 20);
    for (path, reason) in [
        (expired, "this link has expired: ask for another"),
        (cut, "this link is not whole: copy all of it"),
    ] {
        let page = Timeline::open(site.address(), &path).await;
        let says = format!("state() === 'unauthorized' && text('.state').includes('{reason}')");
        page.until(reason, &says).await;
        assert!(!page.value::<bool>("shown('[part=token-input]')").await);
        keep_picture("access-by-a-link-that-is-over", &page.picture().await);
        page.was_quiet_but_for_the_network().await;
    }
}
