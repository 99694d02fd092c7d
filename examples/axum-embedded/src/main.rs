//! Notes with a history: axum, SQLite, and the console in one program.

use std::{
    collections::HashMap,
    env, io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use axum::{
    Json, Router,
    extract::{Path, Request, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::{delete, get, post},
};
use serde::{Deserialize, Serialize};
use tokio::{net::TcpListener, signal, sync::watch};
use tracker_core::{
    ActionSet, Context, ReferenceIds, SqliteStore, Store, Tracker,
    tower::{ContextLayer, RequestIds},
    tracked,
};
use tracker_server::{Settings, router};
use uuid::Uuid;

/// The service's own action types. The timeline shows them as "Note added" and "Note removed".
#[derive(ActionSet)]
enum Board {
    NoteAdded,
    NoteRemoved,
}

/// A note. Each activity that returns one refers to it by `note_id`.
#[derive(Clone, Serialize, ReferenceIds)]
struct Note {
    #[reference(rename = "note_id")]
    id: String,
    text: String,
}

#[derive(Debug, thiserror::Error)]
#[error("there is no note {0}")]
struct NoSuchNote(String);

impl IntoResponse for NoSuchNote {
    fn into_response(self) -> Response {
        (StatusCode::NOT_FOUND, self.to_string()).into_response()
    }
}

/// The notes of all boards, in memory.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<HashMap<(String, String), Note>>>);

impl Notes {
    #[tracked(action = Board::NoteAdded, project = board, details = "added “{output.text}”")]
    fn add(&self, board: &str, text: String) -> Note {
        let id = Uuid::now_v7().to_string();
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let note = Note { id, text };
        notes.insert((board.into(), note.id.clone()), note.clone());
        note
    }

    // A failure is recorded too.
    #[tracked(
        action = Board::NoteRemoved,
        project = board,
        record = "always",
        details = "removed “{output.text}”",
        error_details = "{error}"
    )]
    fn remove(&self, board: &str, id: &str) -> Result<Note, NoSuchNote> {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let note = notes.remove(&(board.into(), id.into()));
        note.ok_or_else(|| NoSuchNote(id.into()))
    }
}

#[derive(Deserialize)]
struct NewNote {
    text: String,
}

async fn add(
    State(notes): State<Notes>,
    Path(board): Path<String>,
    Json(new): Json<NewNote>,
) -> (StatusCode, Json<Note>) {
    (StatusCode::CREATED, Json(notes.add(&board, new.text)))
}

async fn remove(
    State(notes): State<Notes>,
    Path((board, id)): Path<(String, String)>,
) -> Result<Json<Note>, NoSuchNote> {
    notes.remove(&board, &id).map(Json)
}

async fn page() -> Html<&'static str> {
    Html(
        r#"<!doctype html>
<meta charset="utf-8">
<title>Notes of the team</title>
<h1>What happened on the board of the team</h1>
<script type="module" src="/tracker/assets/activity-timeline.js"></script>
<activity-timeline src="/tracker" project="team"></activity-timeline>
"#,
    )
}

/// Returns the whole service. Its streams end when `ending` becomes true.
fn service(tracker: &Tracker, ending: watch::Receiver<bool>) -> Router {
    let request_ids = RequestIds::generated();
    // The service listens on this machine alone, so the user is whoever runs it.
    let user = env::var("USER").unwrap_or_else(|_| "somebody".into());
    let context = ContextLayer::new(move |request: &Request| {
        Context::new()
            .with_user_id(&user)
            .with_request_id(request_ids.of(request))
    });
    let console = Settings::open().actions::<Board>().ending(ending);
    Router::new()
        .route("/", get(page))
        .route("/boards/{board}/notes", post(add))
        .route("/boards/{board}/notes/{id}", delete(remove))
        .layer(context)
        .with_state(Notes::default())
        .nest_service("/tracker", router(Arc::clone(tracker.store()), console))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Without a subscriber nobody would see what the tracker reports.
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let store = SqliteStore::open("notes.db")?;
    store.migrate().await?;
    let tracker = Tracker::builder()
        .store(store)
        .environment("development")
        .build()?
        .install()?;

    let (end, ending) = watch::channel(false);
    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".into());
    let listener = TcpListener::bind(&address)
        .await
        .with_context(|| format!("can't listen on {address}; set LISTEN to a free one"))?;
    println!("listening on http://{}/", listener.local_addr()?);
    axum::serve(listener, service(&tracker, ending))
        .with_graceful_shutdown(async move {
            if let Err(error) = signal::ctrl_c().await {
                eprintln!("can't wait for Ctrl-C, so the service ends: {error}");
            }
            end.send_replace(true);
        })
        .await?;

    // This delivers what is still queued.
    tracker.shutdown(Duration::from_secs(5)).await;
    Ok(())
}
