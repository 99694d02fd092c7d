//! A stream lasts as long as the permission with which it began.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header, request},
    middleware::{Next, from_fn},
};
use futures_util::future::{BoxFuture, ready};
use tokio::task::block_in_place;
use tracker_core::{MemoryStore, Store};
use tracker_server::{Authorize, Decision, Replaceable, Settings, router};
use tracker_tests::{api::Api, process::wait_until};

use super::{Events, LIMIT, PATH, row, write};
use crate::api::{Until, viewer_links::keys};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_when_the_time_has_come_until_which_it_was_allowed() {
    let until = SystemTime::now() + Duration::from_secs(5);
    let api = Api::new(MemoryStore::new(), Until(move || until));
    let mut events = Events::open(&api, PATH, None).await;
    assert!(events.next().await.is_none());
    assert!(SystemTime::now() >= until);
    for path in [PATH, "/api/projects/project_7/activities"] {
        assert_eq!(api.get(path).await.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_goes_on_where_it_is_allowed_for_longer_by_then() {
    let asked = Arc::new(AtomicUsize::new(0));
    let asked_again = Arc::clone(&asked);
    let a_second_more = move || {
        asked_again.fetch_add(1, Ordering::Relaxed);
        SystemTime::now() + Duration::from_secs(1)
    };
    let store = MemoryStore::new();
    let api = Api::new(store.clone(), Until(a_second_more));
    let mut events = Events::open(&api, PATH, None).await;
    // The decision is repeated while the client waits for an event.
    let writing = async {
        let again = || asked.load(Ordering::Relaxed) >= 3;
        block_in_place(|| wait_until(LIMIT, "it is asked again", again));
        write(&store, vec![row("a", 0)]).await;
    };
    let (activity, ()) = tokio::join!(
        tokio::spawn(async move { events.activity().await }),
        writing
    );
    assert_eq!(activity.unwrap().as_deref(), Some("a"));
}

#[tokio::test]
async fn a_time_that_is_over_allows_nothing() {
    let api = Api::new(MemoryStore::new(), Until(|| UNIX_EPOCH));
    for route in ["", "/a", "/stats", "/export", "/stream"] {
        let path = format!("/api/projects/project_7/activities{route}");
        let answer = api.get(&path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

/// A request extension that an application's own middleware sets.
#[derive(Clone)]
struct Session(&'static str);

/// Allows the requests of sessions that are still in the set.
struct Sessions(Arc<Mutex<BTreeSet<&'static str>>>);

impl Authorize for Sessions {
    fn decide<'a>(&'a self, request: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        let session = request.extensions.get::<Session>();
        let goes_on = session.is_some_and(|session| self.0.lock().unwrap().contains(session.0));
        Box::pin(ready(if goes_on {
            Decision::Allowed
        } else {
            Decision::Denied
        }))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_an_application_ends_with_the_session_that_began_it() {
    let sessions = Arc::new(Mutex::new(BTreeSet::from(["ours"])));
    let settings = Settings::new(Arc::new(Sessions(Arc::clone(&sessions))));
    let settings = settings.decide_again_every(Duration::from_secs(1));
    let store = MemoryStore::new();
    let noted = async |mut request: Request, next: Next| {
        request.extensions_mut().insert(Session("ours"));
        next.run(request).await
    };
    let tracker = router(Arc::new(store.clone()) as Arc<dyn Store>, settings);
    let app = Router::new()
        .nest("/tracker", tracker)
        .layer(from_fn(noted));
    let api = Api::of(app);
    let path = format!("/tracker{PATH}");
    let mut events = Events::open(&api, &path, None).await;
    write(&store, vec![row("a", 0)]).await;
    assert_eq!(events.activity().await.as_deref(), Some("a"));
    sessions.lock().unwrap().clear();
    assert!(events.next().await.is_none());
    let last_id = [("last-event-id", &*events.last_id)];
    let resumed = api.get_with(&path, &last_id).await;
    assert_eq!(resumed.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_a_link_has_what_it_lets_through_until_it_expires_or_is_revoked() {
    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    for is_revoked in [false, true] {
        let links = Arc::new(Replaceable::new(Arc::new(keys(&format!("main {SECRET}")))));
        let settings = Settings::open().viewer_links(Arc::clone(&links));
        let settings = settings.decide_again_every(Duration::from_secs(1));
        let lasts = Duration::from_secs(if is_revoked { 3_600 } else { 5 });
        let until = SystemTime::now() + lasts;
        let link = keys(&format!("main {SECRET}")).link("project_7", [("user_id", "u1")], until);
        let bearer = HeaderValue::try_from(format!("Bearer {}", link.unwrap().token())).unwrap();
        let store = MemoryStore::new();
        let tracker = router(Arc::new(store.clone()) as Arc<dyn Store>, settings);
        let authorized = from_fn(move |mut request: Request, next: Next| {
            let headers = request.headers_mut();
            headers.insert(header::AUTHORIZATION, bearer.clone());
            next.run(request)
        });
        let api = Api::of(tracker.layer(authorized));
        let mut events = Events::open(&api, PATH, None).await;
        let rows = [("a", "u2"), ("b", "u1")].map(|(id, user)| row(id, 0).user_id(user));
        write(&store, rows.into()).await;
        assert_eq!(events.activity().await.as_deref(), Some("b"));
        if is_revoked {
            links.replace(Arc::new(keys(&format!("other {SECRET}"))));
        }
        assert!(events.next().await.is_none());
        let answer = api.get(PATH).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}
