//! Links that show a part of a project to whoever has them.

mod filters;
mod names;
mod tokens;

use std::{
    fs,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use tracker_core::{ActionType, Activity, MemoryStore, Status, Store};
use tracker_server::{Replaceable, Settings, ViewerKeys, router};
use tracker_tests::{api::Api, http::Answer};

use super::{OwnProject, PATH, ids, row};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
const LINKS: &str = "/api/projects/project_7/viewer-links";
const HOUR: Duration = Duration::from_hours(1);

/// Returns the keys of a file with this text.
pub(crate) fn keys(text: &str) -> ViewerKeys {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    ViewerKeys::read(file.path()).unwrap()
}

fn one_key() -> ViewerKeys {
    keys(&format!("main {SECRET}"))
}

/// A server where `user_1` may see `project_7` alone, and its keys.
struct Place {
    api: Api,
    keys: Arc<Replaceable<ViewerKeys>>,
}

impl Place {
    fn of(store: impl Store) -> Self {
        let keys = Arc::new(Replaceable::new(Arc::new(one_key())));
        let settings = Settings::new(Arc::new(OwnProject)).viewer_links(Arc::clone(&keys));
        let api = Api::of(router(Arc::new(store), settings));
        Self { api, keys }
    }

    async fn with(rows: Vec<Activity>) -> Self {
        let store = MemoryStore::new();
        store.write(rows.into()).await.unwrap();
        Self::of(store)
    }

    async fn get(&self, path: &str, token: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        self.api.get_with(path, &[("authorization", &bearer)]).await
    }

    async fn json(&self, path: &str, token: &str) -> Value {
        let answer = self.get(path, token).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        answer.json()
    }

    async fn post(&self, body: &str, headers: &[(&str, &str)]) -> (StatusCode, Value) {
        let mut request = Request::post(LINKS);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let answer = self.api.answer(request).await;
        assert_eq!(answer.header("cache-control"), "private, no-store");
        (answer.status, answer.json())
    }

    /// Makes a link as `user_1`.
    async fn link(&self, filters: Value) -> String {
        let body = json!({ "filters": filters, "expires_in_s": 3_600 });
        let headers = [("user", "user_1"), ("content-type", "application/json")];
        let (status, link) = self.post(&body.to_string(), &headers).await;
        assert_eq!(status, StatusCode::CREATED, "{link}");
        link["token"].as_str().unwrap().to_owned()
    }
}

fn rows() -> Vec<Activity> {
    let of = |id: &str, at: i64, user: &str| row(id, at).user_id(user).request_id("req_1");
    vec![
        of("a", 1, "u1").details("deployed api"),
        of("b", 2, "u1").environment("staging"),
        of("c", 3, "u2"),
        of("d", 4, "u2").reference("deployment_id", "d1"),
    ]
}

#[tokio::test]
async fn a_link_shows_what_its_filters_let_through_on_every_route() {
    let place = Place::with(rows()).await;
    let token = place.link(json!({ "user_id": "u1" })).await;
    assert_eq!(ids(&place.json(PATH, &token).await), ["b", "a"]);
    let page = place.json(&format!("{PATH}?include=total"), &token).await;
    assert_eq!(page["total"], 2);
    let stats = place.json(&format!("{PATH}/stats"), &token).await;
    assert_eq!(stats["days"][0]["total"], 2);
    let values = place.json(&format!("{PATH}/values"), &token).await;
    assert_eq!(values["user_ids"], json!([{ "value": "u1", "count": 2 }]));
    let blocks = place.json(&format!("{PATH}?group=request"), &token).await;
    assert_eq!(blocks["blocks"][0]["count"], 2);
    let export = place.get(&format!("{PATH}/export"), &token).await;
    assert_eq!(export.text().lines().count(), 2);
    let one = async |id: &str| place.get(&format!("{PATH}/{id}"), &token).await.status;
    assert_eq!(one("a").await, StatusCode::OK);
    assert_eq!(one("c").await, StatusCode::NOT_FOUND);
    let names = place.get("/api/projects/project_7/names", &token).await;
    assert_eq!(names.status, StatusCode::OK);
    // What was kept for another reader is not told.
    let all = [("user", "user_1")];
    let all = place.api.get_with(&format!("{PATH}/values"), &all).await;
    assert_eq!(all.json()["user_ids"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_list_of_projects_has_that_of_the_link_and_counts_what_it_lets_through() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_millis()).unwrap();
    let mut failed = row("b", now - 2_000).user_id("u1");
    failed.status = Some(Status::Failure);
    let rows = vec![
        row("a", now - 3_000).user_id("u1"),
        failed,
        row("c", now - 1_000).user_id("u2"),
        row("d", 1).user_id("u1"),
        Activity::new(ActionType::Deployment).project_id("project_8"),
    ];
    let place = Place::with(rows).await;
    let token = place.link(json!({ "user_id": "u1" })).await;
    let projects = place.json("/api/projects", &token).await;
    assert_eq!(
        projects,
        json!({
            "projects": [{
                "project_id": "project_7", "label": null, "picture": null, "link": null,
                "last_activity_at": now - 2_000,
                "activities_30_days": 2, "failures_30_days": 1, "is_capped": false,
            }],
            "next_cursor": null,
        })
    );
    let others = place.json("/api/projects?search=project_8", &token).await;
    assert_eq!(others["projects"], json!([]));
}

#[tokio::test]
async fn no_parameter_widens_a_link() {
    let place = Place::with(rows()).await;
    let token = place
        .link(json!({ "user_id": "u1", "q": "DEPLOYED", "created_after": "1" }))
        .await;
    for (query, found) in [
        ("", vec!["a"]),
        ("user_id=u1", vec!["a"]),
        ("user_id=u2", vec![]),
        ("q=deployed+API", vec!["a"]),
        ("q=ploy", vec!["a"]),
        ("created_after=0", vec!["a"]),
        ("created_after=2", vec![]),
        ("action_type=deployment&action_type=github_push", vec!["a"]),
        ("environment=staging", vec![]),
    ] {
        let page = place.json(&format!("{PATH}?{query}"), &token).await;
        assert_eq!(ids(&page), found, "{query}");
    }
    let other = place.get(&format!("{PATH}?q=api"), &token).await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST);
    assert_eq!(other.json()["parameter"], "q");
    assert!(!other.text().contains("DEPLOYED"));
}

#[tokio::test]
async fn a_link_counts_where_there_is_a_session_as_well() {
    let place = Place::with(rows()).await;
    let token = place.link(json!({ "user_id": "u1" })).await;
    let bearer = format!("Bearer {token}");
    let both = [("authorization", &*bearer), ("user", "user_1")];
    let page = place.api.get_with(PATH, &both).await.json();
    assert_eq!(ids(&page), ["b", "a"]);
}

#[tokio::test]
async fn a_link_is_for_its_project_alone_and_makes_no_other() {
    let place = Place::with(rows()).await;
    let token = place.link(json!({})).await;
    assert_eq!(ids(&place.json(PATH, &token).await).len(), 4);
    let other = place
        .get("/api/projects/project_8/activities", &token)
        .await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let bearer = format!("Bearer {token}");
    let headers = [
        ("authorization", &*bearer),
        ("content-type", "application/json"),
    ];
    let (status, _) = place.post(r#"{"expires_in_s":60}"#, &headers).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_link_says_where_its_page_is_and_when_it_ends() {
    let place = Place::with(Vec::new()).await;
    let headers = [("user", "user_1"), ("content-type", "application/json")];
    let (status, link) = place.post(r#"{"expires_in_s":60}"#, &headers).await;
    assert_eq!(status, StatusCode::CREATED);
    let token = link["token"].as_str().unwrap();
    assert_eq!(link["url"], format!("/projects/project_7#viewer={token}"));
    assert_eq!(link["key"], "main");
    let expires_at = UNIX_EPOCH + Duration::from_millis(link["expires_at"].as_u64().unwrap());
    let left = expires_at.duration_since(SystemTime::now()).unwrap();
    assert!(left <= Duration::from_mins(1), "{left:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_wanted_link_is_named() {
    let place = Place::with(Vec::new()).await;
    let json = ("content-type", "application/json");
    let own = ("user", "user_1");
    let body = r#"{"filters":{},"expires_in_s":60}"#;
    let many: Vec<_> = (0..50).map(|n| format!("{n:0100}")).collect();
    let many = json!({ "filters": { "action_type": many }, "expires_in_s": 60 }).to_string();
    for (body, headers, status, parameter) in [
        (body, vec![json], StatusCode::UNAUTHORIZED, Value::Null),
        (
            body,
            vec![json, ("user", "user_2")],
            StatusCode::NOT_FOUND,
            Value::Null,
        ),
        (
            body,
            vec![own],
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Value::Null,
        ),
        (
            body,
            vec![own, ("content-type", "text/plain")],
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Value::Null,
        ),
        ("{", vec![own, json], StatusCode::BAD_REQUEST, Value::Null),
        (
            "{}",
            vec![own, json],
            StatusCode::UNPROCESSABLE_ENTITY,
            Value::Null,
        ),
        (
            r#"{"expires_in_s":60,"until":1}"#,
            vec![own, json],
            StatusCode::UNPROCESSABLE_ENTITY,
            Value::Null,
        ),
        (
            r#"{"expires_in_s":0}"#,
            vec![own, json],
            StatusCode::BAD_REQUEST,
            "expires_in_s".into(),
        ),
        (
            r#"{"expires_in_s":7776001}"#,
            vec![own, json],
            StatusCode::BAD_REQUEST,
            "expires_in_s".into(),
        ),
        (
            r#"{"filters":{"limit":"1"},"expires_in_s":60}"#,
            vec![own, json],
            StatusCode::BAD_REQUEST,
            "limit".into(),
        ),
        (
            r#"{"filters":{"user_id":[]},"expires_in_s":60}"#,
            vec![own, json],
            StatusCode::BAD_REQUEST,
            "user_id".into(),
        ),
        (
            r#"{"filters":{"user_id":"u1","user_id":"u2"},"expires_in_s":60}"#,
            vec![own, json],
            StatusCode::BAD_REQUEST,
            "user_id".into(),
        ),
        (
            r#"{"filters":{"user_id":["u1","u2"]},"expires_in_s":60}"#,
            vec![own, json],
            StatusCode::BAD_REQUEST,
            "user_id".into(),
        ),
        (
            r#"{"filters":{"created_after":"soon"},"expires_in_s":60}"#,
            vec![own, json],
            StatusCode::BAD_REQUEST,
            "created_after".into(),
        ),
        (
            &*many,
            vec![own, json],
            StatusCode::BAD_REQUEST,
            Value::Null,
        ),
    ] {
        let (answered, problem) = place.post(body, &headers).await;
        assert_eq!(answered, status, "{body} {headers:?}: {problem}");
        assert_eq!(problem["parameter"], parameter, "{body}");
    }
    let large = format!("{{\"filters\":{{\"q\":\"{}\"}}}}", "a".repeat(20_000));
    let (status, _) = place.post(&large, &[own, json]).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    let put = Request::put(LINKS).body(Body::empty()).unwrap();
    let put = place.api.answer(put).await;
    assert_eq!(put.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(put.text().contains("POST"), "{}", put.text());
}

#[tokio::test]
async fn a_reader_is_told_which_links_they_may_make() {
    let place = Place::with(rows()).await;
    let own = place.api.get_with(LINKS, &[("user", "user_1")]).await;
    let days_90 = 90 * 24 * 3_600;
    assert_eq!(
        own.json(),
        json!({ "is_allowed": true, "expires_in_s_max": days_90 })
    );
    let token = place.link(json!({})).await;
    assert_eq!(place.json(LINKS, &token).await["is_allowed"], false);
    let other = place.api.get_with(LINKS, &[("user", "user_2")]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let without_keys = Api::new(MemoryStore::new(), OwnProject);
    let none = without_keys.get_with(LINKS, &[("user", "user_1")]).await;
    assert_eq!(none.json()["is_allowed"], false);
}

#[tokio::test]
async fn without_keys_there_are_no_links() {
    let api = Api::new(MemoryStore::new(), OwnProject);
    let place = Place {
        api,
        keys: Arc::new(Replaceable::new(Arc::new(one_key()))),
    };
    let headers = [("user", "user_1"), ("content-type", "application/json")];
    let (status, _) = place.post(r#"{"expires_in_s":60}"#, &headers).await;
    assert_eq!(status, StatusCode::NOT_IMPLEMENTED);
    let link = one_key().link("project_7", [("user_id", "u1")], SystemTime::now() + HOUR);
    let answer = place.get(PATH, link.unwrap().token()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}
