//! The IDs of events: a client can resume after each, and none tells of what its reader may not
//! see.

use std::sync::Arc;

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tracker_core::{MemoryStore, PostgresStore, SqliteStore, Store};
use tracker_tests::{
    api::Api,
    arrivals::all_settled,
    postgres::{ExclusiveServer, ServerOptions},
};

use super::{Events, PATH, row, write};

/// Returns the ID and everything that its parts are in base64, down to the last one.
fn decoded(id: &str) -> String {
    let parts = id.split(['.', '~']);
    let inner = parts.filter_map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        (!text.is_empty()).then(|| decoded(&text))
    });
    let inner: Vec<_> = inner.collect();
    format!("{id} {}", inner.join(" "))
}

/// Opens streams while rows of another project are the newest, and resumes after each ID.
async fn no_id_tells_of_another_project(store: Arc<dyn Store>) {
    store.migrate().await.unwrap();
    let mut hidden = row("hidden-row", 3_600_000);
    hidden.project_id = Some("project_8".to_owned());
    let hidden_time = hidden.created_at.unwrap().to_string();
    write(&*store, vec![hidden]).await;
    all_settled(&*store).await;
    let api = Api::open(Arc::clone(&store));
    let mut events = Events::open(&api, PATH, None).await;
    let ready = events.last_id.clone();
    write(&*store, vec![row("own-1", 0), row("own-2", 0)]).await;
    for own in ["own-1", "own-2"] {
        assert_eq!(events.activity().await.as_deref(), Some(own));
    }
    // Another stream begins where rows of both projects have arrived.
    let second = Events::open(&api, PATH, None).await;
    for id in [&ready, &events.last_id, &second.last_id] {
        let decoded = decoded(id);
        assert!(!decoded.contains("hidden"), "{decoded}");
        assert!(!decoded.contains(&hidden_time), "{decoded}");
    }
    let mut resumed = Events::open(&api, PATH, Some(&ready)).await;
    assert_eq!(resumed.last_id, ready);
    for own in ["own-1", "own-2"] {
        assert_eq!(resumed.activity().await.as_deref(), Some(own));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_id_of_an_event_tells_of_another_projects_rows_in_memory() {
    no_id_tells_of_another_project(Arc::new(MemoryStore::new())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_id_of_an_event_tells_of_another_projects_rows_in_sqlite() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(directory.path().join("tracker.db")).unwrap();
    no_id_tells_of_another_project(Arc::new(store)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_id_of_an_event_tells_of_another_projects_rows_in_postgres() {
    let server = tokio::task::block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let store = PostgresStore::new(server.url()).unwrap();
    no_id_tells_of_another_project(Arc::new(store)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_of_sqlite_is_known_to_each_server_of_the_file_and_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tracker.db");
    let store = SqliteStore::open(&path).unwrap();
    store.migrate().await.unwrap();
    write(&store, vec![row("before", 0)]).await;
    let ready = Events::open(&Api::open(store.clone()), PATH, None).await;
    write(&store, vec![row("after", 0)]).await;
    drop(store);
    let other = Api::open(SqliteStore::open(&path).unwrap());
    let mut resumed = Events::open(&other, PATH, Some(&ready.last_id)).await;
    assert_eq!(resumed.activity().await.as_deref(), Some("after"));
}

#[tokio::test]
async fn an_id_that_an_older_release_made_of_a_row_is_refused() {
    let store = MemoryStore::new();
    write(&store, vec![row("a", 0)]).await;
    let api = Api::open(store);
    let cursor = URL_SAFE_NO_PAD.encode("1764028800000.a");
    let old = URL_SAFE_NO_PAD.encode(format!("0.0.{cursor}"));
    for id in [old.clone(), format!("{old}.1764028800000")] {
        let refused = api.get(&format!("{PATH}?lastEventId={id}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }
}
