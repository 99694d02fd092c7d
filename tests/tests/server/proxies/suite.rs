//! The suite that passes behind each proxy.

use axum::http::StatusCode;
use serde_json::Value;
use tracker_tests::web_proxy::Kind;
use url::Url;

use super::{
    client::{Stream, get},
    site::Site,
};

const PATH: &str = "/tracker/api/projects/project_7/activities";

const USER_1: (&str, &str) = ("x-user", "user_1");

pub(crate) async fn the_head_of_a_stream_and_each_event_arrive_at_once(kind: Kind) {
    let site = Site::behind(kind).await;
    let path = format!("{PATH}/stream");
    let gzip = ("accept-encoding", "gzip");
    let mut stream = Stream::open(site.proxy.address(), &path, &[USER_1, gzip]).await;
    stream.until("event: ready").await;
    for id in ["first", "second"] {
        site.record("project_7", id).await;
        stream.until(&format!("\"action_id\":\"{id}\"")).await;
    }
}

pub(crate) async fn what_one_reader_was_shown_is_given_to_no_other(kind: Kind) {
    let site = Site::behind(kind).await;
    let address = site.proxy.address();
    for _ in 0..2 {
        let count = get(address, "/tracker/count", &[]).await;
        assert!(count.text().contains("asked 0 times"), "its cache is off");
    }
    site.record("project_7", "a").await;
    for route in ["/export", "/export?format=csv", "", "/a", "/stats", "/none"] {
        let path = format!("{PATH}{route}");
        let shown = if route == "/none" { 404 } else { 200 };
        for (headers, status) in [
            (&[][..], 401),
            (&[USER_1], shown),
            (&[], 401),
            (&[("x-user", "user_2")], 404),
            (&[USER_1], shown),
        ] {
            let answer = get(address, &path, headers).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {headers:?}");
        }
    }
}

pub(crate) async fn what_the_client_has_is_not_sent_again_though_it_was_compressed(kind: Kind) {
    let site = Site::behind(kind).await;
    let address = site.proxy.address();
    site.record("project_7", "a").await;
    let gzip = ("accept-encoding", "gzip");
    for path in [
        PATH,
        "/tracker/assets/activity-timeline.js",
        "/tracker/projects/p",
    ] {
        let first = get(address, path, &[USER_1, gzip]).await;
        assert_eq!(first.status, StatusCode::OK, "{path}");
        assert_eq!(first.header("content-encoding"), "gzip", "{path}");
        let tag = first.header("etag");
        let known = [USER_1, gzip, ("if-none-match", tag)];
        let again = get(address, path, &known).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{path} {tag}");
    }
    let stale = [USER_1, gzip, ("if-none-match", "\"0123-gzip\"")];
    assert_eq!(get(address, PATH, &stale).await.status, StatusCode::OK);
}

pub(crate) async fn page_links_and_description_work_below_the_prefix(kind: Kind) {
    let site = Site::behind(kind).await;
    let address = site.proxy.address();
    for id in ["a", "b"] {
        site.record("project_7", id).await;
    }
    let base = Url::parse(&format!("http://{address}/")).unwrap();
    let asked = async |url: &Url| {
        let path = url.as_str().strip_prefix(base.as_str()).unwrap();
        let answer = get(address, &format!("/{path}"), &[USER_1]).await;
        assert_eq!(answer.status, StatusCode::OK, "{url}");
        answer
    };
    let page = base.join("tracker/projects/project_7").unwrap();
    let html = asked(&page).await;
    let named = html
        .text()
        .split('"')
        .filter(|text| text.contains("assets/"));
    let named: Vec<_> = named.map(|name| page.join(name).unwrap()).collect();
    assert!(named.len() >= 3, "{named:?}");
    for asset in named {
        asked(&asset).await;
    }

    let first = base.join(&format!("{PATH}?limit=1")).unwrap();
    let answer = asked(&first).await;
    assert!(
        answer.text().contains("\"action_id\":\"b\""),
        "{}",
        answer.text()
    );
    let link = answer.header("link");
    let (next, _) = link.strip_prefix('<').unwrap().split_once('>').unwrap();
    let second = asked(&first.join(next).unwrap()).await;
    assert!(
        second.text().contains("\"action_id\":\"a\""),
        "{}",
        second.text()
    );

    let description = base.join("tracker/openapi.json").unwrap();
    let json = asked(&description).await;
    let json: Value = serde_json::from_str(json.text()).unwrap();
    let server = description
        .join(json["servers"][0]["url"].as_str().unwrap())
        .unwrap();
    let route = "/api/projects/{project_id}/activities";
    assert!(json["paths"].get(route).is_some());
    let route = route.replace("{project_id}", "project_7");
    let described = format!("{}{route}", server.as_str().trim_end_matches('/'));
    asked(&described.parse().unwrap()).await;
}

pub(crate) async fn a_project_whose_id_has_a_slash_is_reached(kind: Kind) {
    let site = Site::behind(kind).await;
    let address = site.proxy.address();
    site.record("rooms/berlin 100%", "a").await;
    for (route, shown) in [
        ("", "\"a\""),
        ("/a", "\"a\""),
        ("/export?format=csv", "a,rooms/berlin"),
    ] {
        let path = format!("/tracker/api/projects/rooms%2Fberlin%20100%25/activities{route}");
        let answer = get(address, &path, &[USER_1]).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.text().contains(shown), "{path}: {}", answer.text());
    }
}
