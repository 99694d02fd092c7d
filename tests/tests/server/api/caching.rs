//! Caching of responses: the client alone may keep one, and only if it revalidates each time, or
//! nobody may.

use axum::{
    body::Body,
    http::{Request, StatusCode, header, request},
};
use futures_util::future::BoxFuture;
use tracker_core::{MemoryStore, PostgresStore, Store};
use tracker_server::{Authorize, Decision};
use tracker_tests::api::Api;

use super::{OwnProject, PATH, request_of, row, with};

/// Kept by the client, and revalidated with its tag.
const REVALIDATED: &str = "private, no-cache";

/// Kept by nobody.
const UNKEPT: &str = "private, no-store";

#[tokio::test]
async fn what_the_client_has_is_not_sent_again_until_it_changes() {
    let store = MemoryStore::new();
    store.write(vec![row("a", 1)].into()).await.unwrap();
    let api = Api::open(store.clone());
    let first = api.get(PATH).await;
    let tag = first.header("etag").to_owned();
    for known in [&*tag, &*format!("\"other\", W/{tag}"), "*"] {
        let again = api.get_with(PATH, &[("if-none-match", known)]).await;
        assert_eq!(
            (again.status, again.body.len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
        assert_eq!(again.header("etag"), tag);
    }
    store.write(vec![row("b", 2)].into()).await.unwrap();
    let changed = api.get_with(PATH, &[("if-none-match", &tag)]).await;
    assert_eq!(changed.status, StatusCode::OK);
    assert_ne!(changed.header("etag"), tag);
}

/// Panics on every decision.
struct Panicking;

impl Authorize for Panicking {
    fn decide<'a>(&'a self, _: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        panic!("as it is told")
    }
}

/// Sends a request and checks the status and the `Cache-Control` of its response.
async fn may_be_kept(api: &Api, request: Request<Body>, status: u16, how: &str) {
    let what = format!("{} {}", request.method(), request.uri());
    let answer = api.send(request).await;
    assert_eq!(answer.status().as_u16(), status, "{what}");
    let headers = answer.headers();
    assert_eq!(headers[header::CACHE_CONTROL], how, "{what}");
    assert_eq!(headers[header::VARY], "Authorization, Cookie", "{what}");
}

fn get(path: &str) -> Request<Body> {
    request_of("GET", path)
}

#[tokio::test]
async fn every_route_says_what_may_keep_its_answer() {
    let api = with(vec![row("a", 1)]).await;
    let document = api.json("/openapi.json").await;
    let documented = document["paths"].as_object().unwrap().iter();
    let read = documented.filter(|(_, methods)| methods.get("get").is_some());
    let documented = read.map(|(path, _)| {
        path.replace("{project_id}", "project_7")
            .replace("{action_id}", "a")
    });
    let others = [
        "/projects/project_7",
        "/assets/activity-timeline.js",
        "/assets/page.css",
        "/openapi.json",
    ];
    for path in documented.chain(others.map(str::to_owned)) {
        let how = match path.rsplit('/').next().unwrap() {
            "stream" => "private, no-store, no-transform",
            "export" | "healthz" | "readyz" => UNKEPT,
            _ => REVALIDATED,
        };
        for method in ["GET", "HEAD"] {
            may_be_kept(&api, request_of(method, &path), 200, how).await;
        }
        may_be_kept(&api, request_of("PUT", &path), 405, UNKEPT).await;
        let mut large = get(&path);
        let headers = large.headers_mut();
        headers.insert(header::CONTENT_LENGTH, 100_000.into());
        may_be_kept(&api, large, 413, UNKEPT).await;
        let mut known = get(&path);
        let headers = known.headers_mut();
        headers.insert(header::IF_NONE_MATCH, "*".parse().unwrap());
        let status = if how == REVALIDATED { 304 } else { 200 };
        may_be_kept(&api, known, status, how).await;
    }
}

#[tokio::test]
async fn a_file_of_a_page_is_kept_for_good_and_under_another_version_is_not() {
    let api = with(Vec::new()).await;
    let page = api.get("/projects").await;
    let named = page
        .text()
        .split('"')
        .filter(|text| text.contains("assets/"));
    let named: Vec<_> = named.map(|name| name.replace("./", "/")).collect();
    assert!(named.len() >= 3, "{named:?}");
    for path in named {
        may_be_kept(
            &api,
            get(&path),
            200,
            "private, max-age=31536000, immutable",
        )
        .await;
        // A server of another release gives what it has.
        let other = format!("{}?v=0123", path.split_once('?').unwrap().0);
        may_be_kept(&api, get(&other), 200, REVALIDATED).await;
        assert_eq!(api.get(&other).await.body, api.get(&path).await.body);
    }
}

#[tokio::test]
async fn no_problem_is_kept() {
    let api = with(vec![row("a", 1)]).await;
    for (path, status) in [
        ("/nothing", 404),
        ("/assets/nothing", 404),
        (&*format!("{PATH}/none"), 404),
        (&*format!("{PATH}?limit=0"), 400),
        (&*format!("{PATH}/stream?lastEventId=x"), 400),
    ] {
        may_be_kept(&api, get(path), status, UNKEPT).await;
    }
    let routes = ["", "/a", "/stats", "/export", "/stream"];
    let own = Api::new(MemoryStore::new(), OwnProject);
    let failing = Api::new(MemoryStore::new(), Panicking);
    let away = Api::open(PostgresStore::new("postgres://127.0.0.1:9/app").unwrap());
    for path in routes.map(|route| format!("{PATH}{route}")) {
        may_be_kept(&own, get(&path), 401, UNKEPT).await;
        let mut others = get(&path);
        others
            .headers_mut()
            .insert("user", "user_2".parse().unwrap());
        may_be_kept(&own, others, 404, UNKEPT).await;
        may_be_kept(&failing, get(&path), 500, UNKEPT).await;
        may_be_kept(&away, get(&path), 503, UNKEPT).await;
    }
    may_be_kept(&away, get("/readyz"), 503, UNKEPT).await;
}
