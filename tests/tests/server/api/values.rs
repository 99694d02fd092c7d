//! The values that filters can have.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tracker_core::{MemoryStore, Status, Store};
use tracker_tests::api::Api;

use super::{OwnProject, PATH, row, with};

/// Returns the values of a field.
fn values(counts: &Value) -> Vec<(&str, u64)> {
    let counts = counts.as_array().unwrap().iter();
    counts
        .map(|count| {
            let value = count["value"].as_str().unwrap();
            (value, count["count"].as_u64().unwrap())
        })
        .collect()
}

fn path(query: &str) -> String {
    format!("{PATH}/values?{query}")
}

#[tokio::test]
async fn values_are_counted_by_field_the_most_frequent_first() {
    let of = |id: &str, user: &str, reference: &str| {
        row(id, 1)
            .user_id(user)
            .reference("deployment_id", reference)
    };
    let mut failed = of("d", "user_2", "d2").environment("staging");
    failed.status = Some(Status::Failure);
    let mut bare = row("e", None);
    (bare.action_type, bare.status) = (None, None);
    let rows = vec![
        of("a", "user_2", "d1"),
        of("b", "user_3", "d1").request_id("req_1"),
        of("c", "user_1", "d1").reference("other:id", "x"),
        failed,
        bare,
    ];
    let api = with(rows).await;
    assert_eq!(
        api.json(&path("")).await,
        json!({
            "user_ids": [
                { "value": "user_2", "count": 2 },
                { "value": "user_1", "count": 1 },
                { "value": "user_3", "count": 1 },
            ],
            "request_ids": [{ "value": "req_1", "count": 1 }],
            "action_types": [{ "value": "deployment", "count": 4 }],
            "statuses": [{ "value": "success", "count": 3 }, { "value": "failure", "count": 1 }],
            "environments": [{ "value": "staging", "count": 1 }],
            "references": {
                "deployment_id": [{ "value": "d1", "count": 3 }, { "value": "d2", "count": 1 }],
            },
        })
    );
    let filtered = api.json(&path("user_id=user_2&status=failure")).await;
    assert_eq!(
        values(&filtered["references"]["deployment_id"]),
        [("d2", 1)]
    );
    let wrong = api.get(&path("limit=1")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong.json()["parameter"], "limit");
}

#[tokio::test]
async fn only_the_newest_activities_are_counted_and_fifty_values_told() {
    let rows = (0..1_200).map(|n| {
        // The newest thousand have 100 users, of whom the first ten are more frequent.
        let user = if n < 200 { 1_000 } else { n % 100 };
        let user = if n >= 1_150 { n % 10 } else { user };
        row(&format!("{n:04}"), n)
            .user_id(user)
            .reference(format!("name_{}", n % 60), n)
    });
    let answer = with(rows.collect()).await.json(&path("")).await;
    let users = values(&answer["user_ids"]);
    assert_eq!(users.len(), 50);
    let most: Vec<_> = users.iter().take(10).map(|(user, _)| *user).collect();
    assert_eq!(most, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert!(users.iter().all(|(user, _)| *user != "1000"), "{users:?}");
    assert_eq!(answer["references"].as_object().unwrap().len(), 50);
}

#[tokio::test]
async fn an_answer_is_kept_for_what_was_asked_and_for_nothing_else() {
    let store = MemoryStore::new();
    store
        .write(vec![row("a", 1).user_id("u1")].into())
        .await
        .unwrap();
    let api = Api::open(store.clone());
    let first = api.json(&path("")).await;
    store
        .write(vec![row("b", 2).user_id("u2")].into())
        .await
        .unwrap();
    assert_eq!(api.json(&path("")).await, first);
    // Another filter has an answer of its own, and so has another project.
    let other = api.json(&path("status=success")).await;
    assert_eq!(values(&other["user_ids"]), [("u1", 1), ("u2", 1)]);
    let elsewhere = path("").replace("project_7", "project_8");
    assert_eq!(api.json(&elsewhere).await["user_ids"], json!([]));
}

#[tokio::test]
async fn values_are_told_to_those_alone_who_may_see_the_project() {
    let store = MemoryStore::new();
    let rows = vec![row("a", 1).user_id("u1")];
    store.write(rows.into()).await.unwrap();
    let api = Api::new(store, OwnProject);
    let own = api.get_with(&path(""), &[("user", "user_1")]).await;
    assert_eq!(own.status, StatusCode::OK);
    // What is kept is not told to others.
    let other = api.get_with(&path(""), &[("user", "user_2")]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let nobody = api.get(&path("")).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}
