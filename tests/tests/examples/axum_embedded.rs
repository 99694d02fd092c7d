//! `examples/axum-embedded`: notes in memory, their history in SQLite, and a page that shows it.

use axum::{body::Body, http::StatusCode};
use serde_json::json;
use tracker_core::{SqliteStore, Status};
use tracker_tests::{
    examples::example_program,
    http::open,
    running::{Running, Signal},
    service::{LISTENING, Service},
};

use super::{reference, timeline};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_notes_of_a_board_have_a_history() {
    let program = example_program("axum-embedded");
    let mut program = Running::start("notes", &program, LISTENING, |command| {
        command.env("LISTEN", "127.0.0.1:0").env("USER", "ada");
    });
    let service = Service::of(&program);

    let new = json!({ "text": "call Grace" });
    let added = service.post("/boards/team/notes", &new).await;
    assert_eq!(added.status, StatusCode::CREATED, "{added:?}");
    let note = added.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/boards/team/notes/{note}");
    assert_eq!(service.ask("DELETE", &path).await.status, StatusCode::OK);
    let again = service.ask("DELETE", &path).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);

    let page = service.ask("GET", "/").await;
    assert!(page.text().contains("<activity-timeline"), "{page:?}");
    let module = service.ask("GET", "/tracker/assets/activity-timeline.js");
    assert_eq!(module.await.status, StatusCode::OK);

    // An open stream does not keep the service from ending.
    let stream = service.to("GET", "/tracker/api/projects/team/activities/stream");
    let stream = open(stream.body(Body::empty()).unwrap()).await;
    assert_eq!(stream.status(), StatusCode::OK);
    program.stop(Signal::INT);

    let store = SqliteStore::open(program.directory().join("notes.db")).unwrap();
    let activities = timeline(&store, "team").await;
    let told: Vec<_> = activities
        .iter()
        .map(|activity| {
            assert_eq!(activity.user_id.as_deref(), Some("ada"));
            assert!(activity.request_id.is_some());
            let action = activity.action_type.as_deref().unwrap();
            let details = activity.action_details.as_deref().unwrap();
            (action, activity.status.clone().unwrap(), details)
        })
        .collect();
    let missing = format!("there is no note {note}");
    assert_eq!(
        told,
        [
            ("note_added", Status::Success, "added “call Grace”"),
            ("note_removed", Status::Success, "removed “call Grace”"),
            ("note_removed", Status::Failure, &*missing),
        ]
    );
    assert_eq!(reference(&activities[0], "note_id"), note);
    assert_eq!(reference(&activities[1], "note_id"), note);
}
