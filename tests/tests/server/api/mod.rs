//! The API: its responses, its access checks, and its resistance to any input.

mod access;
mod blocks;
mod caching;
mod days;
mod document;
mod figures;
mod names;
mod origins;
mod projects;
mod values;
pub(crate) mod viewer_links;

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::SystemTime,
};

use axum::http::{StatusCode, request};
use futures_util::future::{BoxFuture, ready};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::{Value, json};
use tokio::{runtime::Handle, task::block_in_place};
use tracker_core::{ActionType, Activity, MemoryStore, PostgresStore, SqliteStore, Status, Store};
use tracker_server::{Authorize, Decision};
use tracker_tests::{
    api::Api,
    faulty_store::{Fault, FaultyStore},
    filters::{Wanted, activities, wanted},
    postgres::TestDatabase,
};

const PATH: &str = "/api/projects/project_7/activities";

fn row(id: &str, at: impl Into<Option<i64>>) -> Activity {
    let mut row = Activity::new(ActionType::Deployment).project_id("project_7");
    id.clone_into(&mut row.action_id);
    row.created_at = at.into();
    row
}

async fn with(rows: Vec<Activity>) -> Api {
    let store = MemoryStore::new();
    store.write(rows.into()).await.unwrap();
    Api::open(store)
}

fn ids(page: &Value) -> Vec<&str> {
    let data = page["data"].as_array().unwrap().iter();
    data.map(|row| row["action_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_activity_has_its_columns_its_time_and_its_label() {
    let mut rich = row("a", 1_766_570_491_123)
        .user_id("user_42")
        .request_id("req_9")
        .details("deployed <b>it</b>")
        .environment("production")
        .reference("deployment_id", "deploy_xyz789");
    rich.action_type = Some("github_push".into());
    let mut bare = row("b", None);
    (bare.action_type, bare.status) = (None, Some(Status::Other("on hold".into())));
    let api = with(vec![rich, bare]).await;
    let page = api.json(PATH).await;
    assert_eq!(
        page,
        json!({
            "data": [
                {
                    "action_id": "a", "project_id": "project_7", "user_id": "user_42", "request_id": "req_9",
                    "action_type": "github_push", "action_label": "GitHub push", "action_details": "deployed <b>it</b>",
                    "status": "success", "environment": "production",
                    "reference_ids": { "deployment_id": "deploy_xyz789" },
                    "created_at": 1_766_570_491_123_i64, "created_at_rfc3339": "2025-12-24T10:01:31.123Z",
                },
                {
                    "action_id": "b", "project_id": "project_7", "user_id": null, "request_id": null,
                    "action_type": null, "action_label": null, "action_details": null,
                    "status": "on hold", "environment": null, "reference_ids": {},
                    "created_at": null, "created_at_rfc3339": null,
                },
            ],
            "has_more": false,
            "next_cursor": null,
        })
    );
    assert_eq!(api.json(&format!("{PATH}/a")).await, page["data"][0]);
}

#[tokio::test]
async fn pages_are_linked_to_their_end_and_total_is_told_when_it_is_asked_for() {
    let rows = (0..25).map(|n| row(&format!("{n:02}"), n));
    let api = with(rows.collect()).await;
    let mut path = format!("{PATH}?limit=10&status=success&include=total");
    let mut seen = Vec::new();
    loop {
        let answer = api.get(&path).await;
        let page = answer.json();
        assert_eq!(page["total"], 25);
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        assert_eq!(page["has_more"], seen.len() < 25);
        if seen.len() == 25 {
            assert!(!answer.headers.contains_key("link"));
            break;
        }
        let link = answer.header("link");
        let next = link
            .strip_prefix('<')
            .unwrap()
            .strip_suffix(">; rel=\"next\"")
            .unwrap();
        assert!(
            next.contains(page["next_cursor"].as_str().unwrap()),
            "{next}"
        );
        // The public prefix is removed before the server sees the path.
        let here = format!("http://console.example.org/prefix{path}");
        let there = url::Url::parse(&here).unwrap().join(next).unwrap();
        let there = there.as_str().split_once("/prefix").unwrap();
        path = there.1.to_owned();
    }
    let expected: Vec<_> = (0..25).rev().map(|n| format!("{n:02}")).collect();
    assert_eq!(seen, expected);
    let oldest = api
        .json(&format!("{PATH}?order=oldest&limit=3&offset=2"))
        .await;
    assert_eq!(ids(&oldest), ["02", "03", "04"]);
    assert!(oldest.get("total").is_none());
}

#[tokio::test]
async fn an_export_has_every_row_whatever_is_in_it() {
    let rows =
        (0..2_500).map(|n| row(&format!("{n:04}"), n).details(format!("line\n{n}, \"quoted\"")));
    let mut rows: Vec<_> = rows.collect();
    rows.push(row("z", 10_000).details("=HYPERLINK(\"http://evil\")"));
    let api = with(rows).await;
    let jsonl = api.get(&format!("{PATH}/export?format=jsonl")).await;
    assert_eq!(jsonl.header("content-type"), "application/jsonl");
    let lines: Vec<Value> = jsonl
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2_501);
    assert_eq!(
        (&lines[0]["action_id"], &lines[2_500]["action_id"]),
        (&json!("0000"), &json!("z"))
    );

    let csv = api.get(&format!("{PATH}/export?format=csv")).await;
    assert!(csv.header("content-disposition").contains("activities.csv"));
    let mut reader = csv::Reader::from_reader(&*csv.body);
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(records.len(), 2_501);
    let header = reader.headers().unwrap();
    assert_eq!(header.iter().next_back(), Some("created_at_rfc3339"));
    let times = [9, 10].map(|column| &records[2_500][column]);
    assert_eq!(times, ["10000", "1970-01-01T00:00:10Z"]);
    assert_eq!(&records[7][5], "line\n7, \"quoted\"");
    assert_eq!(&records[2_500][5], "'=HYPERLINK(\"http://evil\")");
    let raw = api
        .get(&format!("{PATH}/export?format=csv&formulas=raw"))
        .await;
    let mut reader = csv::Reader::from_reader(&*raw.body);
    let last = reader.records().last().unwrap().unwrap();
    assert_eq!(&last[5], "=HYPERLINK(\"http://evil\")");
    let none = api
        .get(&format!("{PATH}/export?format=csv&status=failure"))
        .await;
    assert_eq!(none.text().lines().count(), 1);
}

#[tokio::test]
async fn numbers_of_other_programs_are_answered_digit_by_digit() {
    let references = r#"{"a":-9.4131967778705e-310,"b":[12345678901234567890123,-0],"c":1e400}"#;
    let mut odd = row("a", 1);
    odd.reference_ids = serde_json::from_str(references).unwrap();
    let api = with(vec![odd]).await;
    for path in ["", "/a", "/export?format=jsonl"] {
        let answer = api.get(&format!("{PATH}{path}")).await;
        let expected = format!(r#""reference_ids":{references}"#);
        assert!(answer.text().contains(&expected), "{}", answer.text());
    }
    let csv = api.get(&format!("{PATH}/export?format=csv")).await;
    let mut reader = csv::Reader::from_reader(&*csv.body);
    assert_eq!(&reader.records().next().unwrap().unwrap()[8], references);
}

#[tokio::test]
async fn everything_that_a_tracker_records_can_be_a_filter() {
    let (id, details) = ("𝒳".repeat(255), "𝒳".repeat(1_000));
    let long = row("long", 1)
        .user_id(&id)
        .request_id(&id)
        .details(&details)
        .reference(id.clone(), id.clone());
    let api = with(vec![long, row("other", 2)]).await;
    for (name, value) in [
        ("user_id", id.clone()),
        ("request_id", id.clone()),
        ("q", details),
        ("reference", format!("{id}:{id}")),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(name, &value)
            .finish();
        let page = api.json(&format!("{PATH}?{query}")).await;
        assert_eq!(ids(&page), ["long"], "{name}");
    }
    let longer = api
        .get(&format!("{PATH}?user_id={}", "a".repeat(4_097)))
        .await;
    assert_eq!(longer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_browser_at_an_unknown_address_gets_a_page_and_a_program_gets_json() {
    let api = with(Vec::new()).await;
    let opened = [("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    for (path, script) in [
        ("/nothing", "./assets/page-missing.js"),
        (
            "/projects/p/nothing/here",
            "../../../assets/page-missing.js",
        ),
    ] {
        let page = api.get_with(path, &opened).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.text().contains(script), "{}", page.text());
    }
    for accept in ["*/*", "application/json"] {
        let problem = api.get_with("/nothing", &[("accept", accept)]).await;
        assert_eq!(problem.status, StatusCode::NOT_FOUND);
        assert_eq!(problem.json()["status"], 404);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let api = with(vec![row("a", 1)]).await;
    for (query, parameter) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("offset=10001", "offset"),
        ("cursor=%00", "cursor"),
        ("cursor=bm8gY3Vyc29y", "cursor"),
        ("created_after=yesterday", "created_after"),
        ("created_before=2026-13-01T00:00:00Z", "created_before"),
        ("reference=deployment_id", "reference"),
        ("order=sideways", "order"),
        ("include=everything", "include"),
        ("status=a&status=b", "status"),
        ("user_id=%00", "user_id"),
        ("reference=a:%00", "reference"),
        ("q=a%00b", "q"),
        ("utc_offset=Z", "utc_offset"),
        ("no_such=1", "no_such"),
    ] {
        let answer = api.get(&format!("{PATH}?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        let problem = answer.json();
        assert_eq!(problem["parameter"], parameter, "{query}");
        assert_eq!(problem["status"], 400);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with(&format!("{parameter} ")), "{detail}");
        assert!(detail.len() > parameter.len() + 10, "{detail}");
    }
    for (path, status) in [
        ("/nothing", StatusCode::NOT_FOUND),
        ("/api/projects/%FF/activities", StatusCode::NOT_FOUND),
        (&*format!("{PATH}/none"), StatusCode::NOT_FOUND),
        (
            &*format!("{PATH}/stats?utc_offset=25"),
            StatusCode::BAD_REQUEST,
        ),
        (
            &*format!("{PATH}/export?format=xml"),
            StatusCode::BAD_REQUEST,
        ),
    ] {
        let answer = api.get(path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.json()["status"], status.as_u16());
    }
    let wrong_id = api
        .get_with(&format!("{PATH}/stream"), &[("last-event-id", "x")])
        .await;
    assert_eq!(wrong_id.json()["parameter"], "Last-Event-ID");
    let post = request_of("POST", PATH);
    assert_eq!(
        api.send(post).await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
}

fn request_of(method: &str, path: &str) -> axum::http::Request<axum::body::Body> {
    let request = axum::http::Request::builder().method(method).uri(path);
    request.body(axum::body::Body::empty()).unwrap()
}

/// Lets `user_1` see `project_7` alone.
struct OwnProject;

impl Authorize for OwnProject {
    fn decide<'a>(
        &'a self,
        request: &'a request::Parts,
        project_id: &'a str,
    ) -> BoxFuture<'a, Decision> {
        Box::pin(async move {
            match request.headers.get("user") {
                None => Decision::Unauthenticated,
                Some(user) if user == "user_1" && project_id == "project_7" => Decision::Allowed,
                Some(_) => Decision::Denied,
            }
        })
    }
}

/// Allows everything until the time that a function returns.
pub(crate) struct Until<F>(pub(crate) F);

impl<F: Fn() -> SystemTime + Send + Sync + 'static> Authorize for Until<F> {
    fn decide<'a>(&'a self, _: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        Box::pin(ready(Decision::AllowedUntil(self.0())))
    }
}

#[tokio::test]
async fn another_projects_activities_are_not_to_be_told_from_none() {
    let store = MemoryStore::new();
    store.write(vec![row("a", 1)].into()).await.unwrap();
    let api = Api::new(store, OwnProject);
    let routes = [
        "",
        "/a",
        "/none",
        "/stats",
        "/values",
        "/export",
        "/stream",
        "?limit=no",
    ];
    for route in routes {
        let nobody = api.get(&format!("{PATH}{route}")).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{route}");
        assert_eq!(nobody.header("www-authenticate"), "Bearer");
        let mut answers = BTreeSet::new();
        for (user, project) in [
            ("user_1", "project_8"),
            ("user_2", "project_7"),
            ("user_1", "PROJECT_7"),
        ] {
            let path = format!("/api/projects/{project}/activities{route}");
            let other = api.get_with(&path, &[("user", user)]).await;
            assert_eq!(other.status, StatusCode::NOT_FOUND, "{path}");
            answers.insert(other.body);
        }
        assert_eq!(answers.len(), 1);
    }
    // The same ID is found in the project that the user may see.
    let own = api
        .get_with(&format!("{PATH}/a"), &[("user", "user_1")])
        .await;
    assert_eq!(own.status, StatusCode::OK);
}

#[tokio::test]
async fn a_store_that_is_away_is_a_503_that_tells_nothing_of_it() {
    let store = FaultyStore::new(|_, _| Fault::None);
    let api = Api::open(PostgresStore::new("postgres://secret_role@127.0.0.1:9/secret").unwrap());
    for route in [
        "",
        "/a",
        "/stats",
        "/values",
        "/export",
        "/stream",
        "?include=total",
    ] {
        let answer = api.get(&format!("{PATH}{route}")).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{route}");
        assert_eq!(answer.header("retry-after"), "5");
        assert!(!answer.text().contains("secret"), "{}", answer.text());
    }
    assert_eq!(
        api.get("/readyz").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(api.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(
        Api::open(store.memory().clone())
            .get("/readyz")
            .await
            .status,
        StatusCode::OK
    );
}

/// The page finds its scripts, and the scripts find the API, wherever the routes are mounted.
#[tokio::test]
async fn the_page_names_nothing_by_an_absolute_path() {
    let page = with(Vec::new()).await.get("/projects/project_7").await;
    let links: Vec<_> = page
        .text()
        .split('"')
        .filter(|text| text.contains("assets/"))
        .collect();
    assert!(
        links.len() >= 3 && links.iter().all(|link| link.starts_with("../assets/")),
        "{links:?}"
    );
}

#[tokio::test]
async fn every_answer_keeps_browsers_from_taking_it_for_a_page() {
    let api = with(vec![row("a", 1).details("<script>alert(1)</script>")]).await;
    for path in [
        PATH,
        "/projects/project_7",
        "/assets/activity-timeline.js",
        "/nothing",
        "/openapi.json",
        "/openapi-3.0.json",
    ] {
        let answer = api.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
    }
    assert_eq!(
        api.get(PATH).await.header("content-type"),
        "application/json"
    );
}

fn query_of(wanted: &Wanted) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for name in &wanted.action_types {
        query.append_pair("action_type", name);
    }
    for (name, id) in &wanted.references {
        query.append_pair("reference", &format!("{name}:{id}"));
    }
    for (name, value) in [
        ("user_id", wanted.user_id),
        ("request_id", wanted.request_id),
        ("status", wanted.status),
        ("environment", wanted.environment),
        ("q", wanted.text),
    ] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    for (name, ms) in [
        ("created_after", wanted.created_after),
        ("created_before", wanted.created_before),
    ] {
        if let Some(ms) = ms {
            query.append_pair(name, &ms.to_string());
        }
    }
    query.finish()
}

/// Any filters, applied through the API, find the same rows as plain Rust code, each once. Pages
/// are read one by one while new rows are written.
async fn any_filters_find_what_they_mean(store: impl Store + Clone) {
    store.migrate().await.unwrap();
    let api = Api::open(store.clone());
    let cases = AtomicUsize::new(0);
    let one_case = async |mut rows: Vec<Activity>, wanted: Wanted, limit: u32, is_oldest: bool| {
        let project = format!("case {:03} ü/?&", cases.fetch_add(1, Ordering::Relaxed));
        for (number, row) in rows.iter_mut().enumerate() {
            row.action_id = format!("{project}-{:03}", (number * 37) % 101);
            row.project_id = Some(project.clone());
        }
        store.write(rows.clone().into()).await.unwrap();
        let mut expected: Vec<_> = rows.iter().filter(|row| wanted.means(row)).collect();
        expected.sort_by_key(|row| (row.created_at, row.action_id.clone()));
        if !is_oldest {
            expected.reverse();
        }
        let expected: Vec<_> = expected
            .into_iter()
            .map(|row| row.action_id.clone())
            .collect();

        let segment = project
            .replace('%', "%25")
            .replace(' ', "%20")
            .replace('/', "%2F")
            .replace('?', "%3F");
        let order = if is_oldest { "oldest" } else { "newest" };
        let path = format!(
            "/api/projects/{}/activities?{}&limit={limit}&order={order}",
            segment.replace('ü', "%C3%BC"),
            query_of(&wanted)
        );
        let path = path.replace("?&", "?");
        let (mut found, mut cursor) = (Vec::new(), String::new());
        for round in 0.. {
            let page = api.json(&format!("{path}{cursor}")).await;
            found.extend(ids(&page).into_iter().map(str::to_owned));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
            // The row is newer than any other, so it belongs to a page that was read already.
            let mut newer = row(&format!("{project}-new-{round}"), 1_000 + round);
            newer.project_id = Some(project.clone());
            if !is_oldest {
                store.write(vec![newer].into()).await.unwrap();
            }
        }
        assert_eq!(found, expected, "{wanted:?}");
    };
    let cases = (
        prop::collection::vec(activities("p"), 0..30),
        wanted(),
        1..8_u32,
        any::<bool>(),
    );
    let config = Config {
        cases: 64,
        failure_persistence: None,
        ..Config::default()
    };
    block_in_place(|| {
        let run = TestRunner::new(config).run(&cases, |(rows, wanted, limit, is_oldest)| {
            Handle::current().block_on(one_case(rows, wanted, limit, is_oldest));
            Ok::<_, TestCaseError>(())
        });
        run.map_err(|error| error.to_string())
    })
    .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_filters_find_what_they_mean_in_postgres() {
    let database = TestDatabase::create().await;
    any_filters_find_what_they_mean(PostgresStore::new(database.url()).unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_filters_find_what_they_mean_in_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("tracker.db")).unwrap();
    any_filters_find_what_they_mean(store).await;
}
