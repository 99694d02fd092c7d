//! Pages of other origins: what is allowed to which, and that nothing is unless it is set.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderName, Request, Response, StatusCode},
};
use tracker_core::{MemoryStore, Store as _};
use tracker_server::{Settings, router};
use tracker_tests::api::Api;

use super::{PATH, row, with};

const CONSOLE: &str = "https://console.example.org";

async fn allowing(origins: &[&str]) -> Api {
    let store = MemoryStore::new();
    store.write(vec![row("a", 1)].into()).await.unwrap();
    let origins = origins.iter().map(|origin| origin.parse().unwrap());
    let settings = Settings::open().allowed_origins(origins);
    Api::of(router(Arc::new(store), settings))
}

async fn preflight(api: &Api, origin: &str) -> Response<Body> {
    let request = Request::options(PATH)
        .header("origin", origin)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization");
    api.send(request.body(Body::empty()).unwrap()).await
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn an_allowed_origin_may_send_a_token_and_read_each_answer() {
    let api = allowing(&["http://localhost:3000", CONSOLE]).await;
    let asked = preflight(&api, CONSOLE).await;
    assert_eq!(asked.status(), StatusCode::OK);
    assert_eq!(header(&asked, "access-control-allow-origin"), CONSOLE);
    for sent in ["authorization", "last-event-id", "if-none-match"] {
        let allowed = header(&asked, "access-control-allow-headers");
        assert!(allowed.contains(sent), "{allowed}");
    }
    assert!(header(&asked, "access-control-allow-methods").contains("GET"));
    assert_eq!(header(&asked, "x-content-type-options"), "nosniff");
    for path in [
        PATH,
        "/nothing",
        "/assets/activity-timeline.js",
        &*format!("{PATH}?limit=0"),
        &format!("{PATH}/stream?lastEventId=x"),
    ] {
        let answer = api.get_with(path, &[("origin", CONSOLE)]).await;
        assert_eq!(
            answer.header("access-control-allow-origin"),
            CONSOLE,
            "{path}"
        );
        assert!(
            answer
                .header("access-control-expose-headers")
                .contains("retry-after")
        );
        // Browsers send no cookies then.
        assert!(
            !answer
                .headers
                .contains_key("access-control-allow-credentials")
        );
        let vary = answer.headers.get_all("vary").iter();
        let vary: Vec<_> = vary
            .map(|value| value.to_str().unwrap().to_ascii_lowercase())
            .collect();
        let vary = vary.join(", ");
        assert!(
            vary.contains("origin") && vary.contains("authorization"),
            "{vary}"
        );
    }
}

#[tokio::test]
async fn another_origin_is_allowed_nothing() {
    let api = allowing(&[CONSOLE]).await;
    for origin in [
        "https://evil.example.org",
        "https://console.example.org.evil.example",
        "http://console.example.org",
        "https://console.example.org:8443",
        "null",
    ] {
        let asked = preflight(&api, origin).await;
        assert_eq!(
            header(&asked, "access-control-allow-origin"),
            "",
            "{origin}"
        );
        let answer = api.get_with(PATH, &[("origin", origin)]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(
            !answer.headers.contains_key("access-control-allow-origin"),
            "{origin}"
        );
        // A cache must not give it to another origin either.
        let vary = answer.headers.get_all("vary").iter();
        assert!(vary.into_iter().any(|value| value == "origin"), "{origin}");
    }
}

#[tokio::test]
async fn without_allowed_origins_nothing_of_them_is_said() {
    for api in [with(Vec::new()).await, allowing(&[]).await] {
        let asked = preflight(&api, CONSOLE).await;
        assert_eq!(asked.status(), StatusCode::METHOD_NOT_ALLOWED);
        let answer = api.get_with(PATH, &[("origin", CONSOLE)]).await;
        let names = answer.headers.keys().map(HeaderName::as_str);
        assert_eq!(
            names
                .filter(|name| name.starts_with("access-control"))
                .count(),
            0
        );
        assert_eq!(answer.header("vary"), "Authorization, Cookie");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
}
