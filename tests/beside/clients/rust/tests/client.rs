//! A generated client in use: it reads what is recorded, and every error is one it knows.

use std::sync::Arc;

use futures_util::TryStreamExt as _;
use generated_client::{
    Client, Error,
    types::{PageOrBlockPage, Problem},
};
use tokio::{net::TcpListener, task::JoinSet};
use tracker_core::{ActionType, Activity, MemoryStore, Store as _};
use tracker_server::{Settings, router};

/// Serves three activities of one project. The server ends with the set.
async fn served() -> (Client, JoinSet<()>) {
    let store = MemoryStore::new();
    let rows = (0..3).map(|number| {
        let mut row = Activity::new(ActionType::Deployment)
            .project_id("project 7")
            .reference("deployment_id", format!("deploy_{number}"));
        row.action_id = format!("action_{number}");
        row.created_at = Some(1_795_507_291_000 + number);
        row
    });
    let rows: Vec<_> = rows.collect();
    store.write(rows.into()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()));
    let app = router(Arc::new(store), Settings::open());
    let mut work = JoinSet::new();
    work.spawn(async move { axum::serve(listener, app).await.unwrap() });
    (client, work)
}

#[tokio::test]
async fn pages_are_read_to_their_end() {
    let (client, _server) = served().await;
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let mut request = client.list_activities().project_id("project 7").limit(2);
        if let Some(cursor) = cursor {
            request = request.cursor::<String>(cursor);
        }
        let PageOrBlockPage::Page(page) = request.send().await.unwrap().into_inner() else {
            panic!("blocks were not asked for");
        };
        seen.extend(page.data.into_iter().map(|activity| activity.action_id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["action_2", "action_1", "action_0"]);
}

#[tokio::test]
async fn one_activity_is_read_with_all_that_it_has() {
    let (client, _server) = served().await;
    let request = client.get_activity().project_id("project 7");
    let activity = request
        .action_id("action_1")
        .send()
        .await
        .unwrap()
        .into_inner();
    assert_eq!(activity.action_type.as_deref(), Some("deployment"));
    assert_eq!(activity.created_at, Some(1_795_507_291_001));
    assert_eq!(activity.user_id, None);
    let references = activity.reference_ids;
    assert_eq!(
        references,
        serde_json::json!({ "deployment_id": "deploy_1" })
    );
}

#[tokio::test]
async fn what_is_counted_is_what_is_downloaded() {
    let (client, _server) = served().await;
    let counted = client.count_activities().project_id("project 7").send();
    let counted = counted.await.unwrap().into_inner();
    let [day] = &*counted.days else {
        panic!("{counted:?}");
    };
    assert_eq!((day.date.as_str(), day.total), ("2026-11-24", 3));
    let download = client.export_activities().project_id("project 7").send();
    let lines: Vec<_> = download
        .await
        .unwrap()
        .into_inner_stream()
        .try_collect()
        .await
        .unwrap();
    let lines = String::from_utf8(lines.concat()).unwrap();
    assert_eq!(lines.lines().count(), 3);
}

#[tokio::test]
async fn an_error_is_a_problem_that_names_what_is_wrong() {
    let (client, _server) = served().await;
    let request = client.list_activities().project_id("project 7");
    let error = request.created_after("yesterday").send().await.unwrap_err();
    let Error::ErrorResponse(response) = error else {
        panic!("{error:?}");
    };
    assert_eq!(response.status(), 400);
    let body: Vec<_> = response.into_inner_stream().try_collect().await.unwrap();
    let problem: Problem = serde_json::from_slice(&body.concat()).unwrap();
    assert_eq!(problem.parameter.as_deref(), Some("created_after"));
}

#[tokio::test]
async fn the_probes_are_asked_as_well() {
    let (client, _server) = served().await;
    client.check_liveness().send().await.unwrap();
    client.check_readiness().send().await.unwrap();
}

#[tokio::test]
async fn projects_are_listed_and_one_without_a_name_has_none() {
    let (client, _server) = served().await;
    let listed = client.list_projects().send().await.unwrap().into_inner();
    let listed = listed
        .projects
        .into_iter()
        .map(|project| project.project_id);
    assert_eq!(listed.collect::<Vec<_>>(), ["project 7"]);
    let names = client.list_names().project_id("project 7").send();
    assert!(names.await.unwrap().into_inner().project.is_none());
}
