//! The list of projects: whose they are, in which numbers, and what it tells of others.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use axum::http::{StatusCode, request};
use futures_util::future::{BoxFuture, ready};
use serde_json::{Value, json};
use tracker_core::{
    ActionType, Activity, MemoryStore, Status, Store, StoreError,
    store::{Batch, BoxFuture as StoreFuture},
    timeline::{Page, ProjectSummary, Query},
};
use tracker_server::{Authorize, Decision, VisibleProjects};
use tracker_tests::api::Api;

use super::Until;

const DAY_MS: i64 = 86_400_000;

fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(now.unwrap().as_millis()).unwrap()
}

fn row_of(project_id: &str) -> Activity {
    Activity::new(ActionType::Deployment).project_id(project_id)
}

async fn with(project_ids: impl IntoIterator<Item = String>) -> MemoryStore {
    let store = MemoryStore::new();
    let rows = project_ids.into_iter().map(|id| row_of(&id));
    store.write(rows.collect()).await.unwrap();
    store
}

fn thousand() -> impl Iterator<Item = String> {
    (0..1_000).map(|number| format!("project_{number:04}"))
}

/// Lets the sender see these projects, if the request has the header `user`, and tells them as
/// `visible` says.
struct Own {
    projects: Vec<String>,
    visible: fn(&[String]) -> VisibleProjects,
}

impl Authorize for Own {
    fn decide<'a>(&'a self, request: &'a request::Parts, id: &'a str) -> BoxFuture<'a, Decision> {
        let decision = match request.headers.get("user") {
            None => Decision::Unauthenticated,
            Some(_) if self.projects.iter().any(|own| own == id) => {
                Decision::AllowedUntil(SystemTime::now() + Duration::from_hours(1))
            }
            Some(_) => Decision::Denied,
        };
        Box::pin(ready(decision))
    }

    fn projects<'a>(&'a self, request: &'a request::Parts) -> BoxFuture<'a, VisibleProjects> {
        let visible = match request.headers.get("user") {
            None => VisibleProjects::Unauthenticated,
            Some(_) => (self.visible)(&self.projects),
        };
        Box::pin(ready(visible))
    }
}

/// Returns both kinds of readers: whose projects are known, and for whom each is decided on.
fn readers(projects: &[&str]) -> [Own; 2] {
    let visible: [fn(&[String]) -> VisibleProjects; 2] = [
        |own| VisibleProjects::These(own.to_vec()),
        |_| VisibleProjects::AskEach,
    ];
    visible.map(|visible| Own {
        projects: projects.iter().map(|&id| id.to_owned()).collect(),
        visible,
    })
}

async fn listed(api: &Api, query: &str) -> Value {
    let path = format!("/api/projects{query}");
    let answer = api.get_with(&path, &[("user", "1")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
    answer.json()
}

fn ids(page: &Value) -> Vec<&str> {
    let projects = page["projects"].as_array().unwrap().iter();
    projects
        .map(|project| project["project_id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_project_has_its_last_activity_and_its_numbers() {
    let now = now_ms();
    let at = |days: i64, status: Status| {
        let mut row = row_of("project_7").status(status);
        row.created_at = Some(now - days * DAY_MS);
        row
    };
    let mut untimed = row_of("untimed");
    untimed.created_at = None;
    let mut nowhere = row_of("");
    nowhere.project_id = None;
    let rows = vec![
        at(0, Status::Success),
        at(1, Status::Failure),
        at(29, Status::Cancelled),
        at(31, Status::Panicked),
        at(2, Status::Other("on hold".into())),
        untimed,
        nowhere,
    ];
    let store = MemoryStore::new();
    store.write(rows.into()).await.unwrap();
    let api = Api::open(store);
    let answer = api.get("/api/projects").await;
    let expected = json!({
        "projects": [
            {
                "project_id": "project_7", "label": null, "picture": null, "link": null,
                "last_activity_at": now, "activities_30_days": 4, "failures_30_days": 2, "is_capped": false,
            },
            {
                "project_id": "untimed", "label": null, "picture": null, "link": null,
                "last_activity_at": null, "activities_30_days": 0, "failures_30_days": 0, "is_capped": false,
            },
        ],
        "next_cursor": null,
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    let tag = answer.header("etag");
    let known = [("if-none-match", tag)];
    let again = api.get_with("/api/projects", &known).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_reader_of_two_projects_of_a_thousand_sees_two() {
    for own in readers(&["project_0977", "project_0003", "without_activities"]) {
        let api = Api::new(with(thousand()).await, own);
        let both = listed(&api, "").await;
        assert_eq!(ids(&both), ["project_0003", "project_0977"]);
        assert_eq!(both["next_cursor"], Value::Null);
        let one = listed(&api, "?search=T_097").await;
        assert_eq!(ids(&one), ["project_0977"]);
        let first = listed(&api, "?limit=1").await;
        assert_eq!(ids(&first), ["project_0003"]);
        assert_eq!(first["next_cursor"], "project_0003");
        let second = listed(&api, "?limit=1&cursor=project_0003").await;
        assert_eq!(ids(&second), ["project_0977"]);
        assert_eq!(second["next_cursor"], Value::Null);
        for other in ["?search=0500", "?search=without", "?cursor=project_0977"] {
            let none = listed(&api, other).await;
            assert_eq!(none, json!({ "projects": [], "next_cursor": null }));
        }
    }
}

#[tokio::test]
async fn an_unknown_sender_is_told_so_whether_there_are_projects_or_not() {
    for store in [MemoryStore::new(), with(thousand()).await] {
        for own in readers(&["project_0003"]) {
            let api = Api::new(store.clone(), own);
            for query in ["", "?search=project", "?cursor=project_0998"] {
                let answer = api.get(&format!("/api/projects{query}")).await;
                assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{query}");
                assert_eq!(answer.header("www-authenticate"), "Bearer");
            }
        }
    }
}

#[tokio::test]
async fn a_sender_whose_permission_is_over_is_unknown_whether_there_are_projects_or_not() {
    for store in [MemoryStore::new(), with(thousand()).await] {
        let answer = Api::new(store, Until(|| SystemTime::UNIX_EPOCH))
            .get("/api/projects")
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_a_project_while_others_arrive() {
    let expected: Vec<_> = (0..23).map(|number| format!("p{number:02}")).collect();
    let names: Vec<_> = expected.iter().map(String::as_str).collect();
    let everything = Own {
        projects: Vec::new(),
        visible: |_| VisibleProjects::All,
    };
    for own in readers(&names).into_iter().chain([everything]) {
        let store = with(expected.clone()).await;
        let api = Api::new(store.clone(), own);
        let (mut path, mut found) = ("/api/projects?limit=5&search=p".to_owned(), Vec::new());
        for number in 0.. {
            let answer = api.get_with(&path, &[("user", "1")]).await;
            let page = answer.json();
            found.extend(ids(&page).into_iter().map(str::to_owned));
            let Some(cursor) = page["next_cursor"].as_str() else {
                assert!(!answer.headers.contains_key("link"));
                break;
            };
            let link = answer.header("link");
            assert_eq!(
                link,
                format!("<?limit=5&search=p&cursor={cursor}>; rel=\"next\"")
            );
            path = format!("/api/projects?limit=5&search=p&cursor={cursor}");
            // These belong before all pages, onto the ones to come, and behind all.
            let arriving = ["p", "p05", "q"].map(|id| row_of(&format!("{id} {number}")));
            store.write(arriving.to_vec().into()).await.unwrap();
        }
        found.retain(|id| !id.contains(' '));
        assert_eq!(found, expected);
    }
}

#[tokio::test]
async fn a_reader_whose_projects_are_far_apart_reaches_them_by_cursors_of_their_own() {
    let many = || (0..12_000).map(|number| format!("project_{number:05}"));
    let [_, own] = readers(&["project_00007", "project_04999", "project_09000"]);
    let api = Api::new(with(many()).await, own);
    let first = listed(&api, "?search=9").await;
    assert_eq!(ids(&first), ["project_04999"]);
    assert_eq!(first["next_cursor"], "project_04999");
    let second = listed(&api, "?search=9&cursor=project_04999").await;
    assert_eq!(ids(&second), ["project_09000"]);

    let [_, far] = readers(&["project_09000"]);
    let api = Api::new(with(many()).await, far);
    let nothing_yet = listed(&api, "").await;
    assert_eq!(ids(&nothing_yet), [""; 0]);
    assert_eq!(nothing_yet["next_cursor"], "5000:");
    let theirs = listed(&api, "?cursor=5000:").await;
    assert_eq!(ids(&theirs), ["project_09000"]);
    assert_eq!(theirs["next_cursor"], "project_09000");
    let last = listed(&api, "?cursor=project_09000").await;
    assert_eq!(ids(&last), [""; 0]);
    assert_eq!(last["next_cursor"], Value::Null);
    let beyond = listed(&api, "?cursor=4000000000:project_09000").await;
    assert_eq!(beyond["next_cursor"], Value::Null);
}

/// Remembers what is asked about projects.
#[derive(Clone)]
struct Watched {
    store: MemoryStore,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Watched {
    fn note(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }
}

impl Store for Watched {
    fn write(&self, batch: Batch) -> StoreFuture<'_, Result<(), StoreError>> {
        self.store.write(batch)
    }

    fn timeline(&self, query: Query) -> StoreFuture<'_, Result<Page, StoreError>> {
        self.store.timeline(query)
    }

    fn project_ids(
        &self,
        after: Option<String>,
        limit: u32,
    ) -> StoreFuture<'_, Result<Vec<String>, StoreError>> {
        self.note(format!("{limit} IDs after {after:?}"));
        self.store.project_ids(after, limit)
    }

    fn project_summaries(
        &self,
        project_ids: Vec<String>,
        created_after: i64,
    ) -> StoreFuture<'_, Result<Vec<ProjectSummary>, StoreError>> {
        self.note(format!("summaries of {project_ids:?}"));
        self.store.project_summaries(project_ids, created_after)
    }

    fn describe(&self) -> String {
        self.store.describe()
    }
}

/// What is asked of the store, and so the time of an answer, does not depend on the names and the
/// activities of projects that the reader can't see.
#[tokio::test]
async fn nothing_is_asked_of_the_store_that_tells_of_the_projects_of_others() {
    let asked = async |own: Own, query: &str| {
        let store = Watched {
            store: with(thousand()).await,
            asked: Arc::default(),
        };
        listed(&Api::new(store.clone(), own), query).await;
        store.asked.lock().unwrap().clone()
    };
    let own = || readers(&["project_0003", "project_0977"]);
    let mut walks = Vec::new();
    for query in ["?search=0500", "?search=there+is+none", "?search=project_1"] {
        let [these, each] = own();
        assert_eq!(asked(these, query).await, [""; 0], "{query}");
        walks.push(asked(each, query).await);
    }
    assert_eq!(walks[0], walks[1]);
    assert_eq!(walks[0], walks[2]);
    assert!(walks[0].iter().all(|asked| asked.contains("IDs after")));
    let summaries = "summaries of [\"project_0003\", \"project_0977\"]";
    for reader in own() {
        let asked = asked(reader, "?search=project").await;
        let counted = asked.iter().filter(|asked| asked.contains("summaries"));
        assert_eq!(counted.collect::<Vec<_>>(), [summaries]);
    }
}

#[tokio::test]
async fn a_wrong_parameter_is_named_and_a_store_that_can_not_list_says_so() {
    let api = Api::open(MemoryStore::new());
    for (query, name) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=a&cursor=b", "cursor"),
        ("cursor=%00", "cursor"),
        ("search=%00", "search"),
        ("project=7", "project"),
    ] {
        let answer = api.get(&format!("/api/projects?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.json()["parameter"], name);
    }
    let stream = tracker_tests::faulty_store::FaultyStore::new(|_, _| {
        tracker_tests::faulty_store::Fault::None
    });
    let answer = Api::open(stream).get("/api/projects").await;
    assert_eq!(answer.status, StatusCode::NOT_IMPLEMENTED);
}
