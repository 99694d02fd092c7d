//! The API and the page, served to browsers by the test itself: [`Site`].

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::Response,
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use tracker_core::{Activity, MemoryStore, SqliteStore, Store};
use tracker_server::{Authorize, Open, Settings, router};

/// The place at which streams wait, as at a proxy that holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// They do not wait.
    Nowhere,
    /// Their requests wait before the server.
    Before,
    /// Their answers wait behind the server.
    Behind,
}

/// A server on a port of 127.0.0.1, which ends with the value.
pub struct Site {
    address: SocketAddr,
    store: Arc<dyn Store>,
    held: watch::Sender<Held>,
    _work: JoinSet<()>,
    /// The path of the database, if the site made one.
    directory: Option<TempDir>,
}

impl Site {
    /// Serves a new SQLite database with these activities, whose projects everybody may see.
    pub async fn with(activities: Vec<Activity>) -> Self {
        Self::guarded(activities, Open).await
    }

    /// Serves the same with this decision on who may see what.
    pub async fn guarded(activities: Vec<Activity>, authorize: impl Authorize) -> Self {
        Self::set(activities, Settings::new(Arc::new(authorize))).await
    }

    /// Serves the same with these settings.
    pub async fn set(activities: Vec<Activity>, settings: Settings) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let store = SqliteStore::open(directory.path().join("tracker.db")).expect("a database");
        store.migrate().await.expect("a table");
        let mut site = Self::serve(Arc::new(store), settings, |app| app).await;
        site.directory = Some(directory);
        site.record(activities).await;
        site
    }

    /// Serves these activities from memory, below a path of an application that has nothing else.
    pub async fn below(path: &str, activities: Vec<Activity>) -> Self {
        let nested = |app| Router::new().nest_service(path, app);
        let store = Arc::new(MemoryStore::new());
        let site = Self::serve(store, Settings::open(), nested).await;
        site.record(activities).await;
        site
    }

    /// Serves this store, whose projects everybody may see.
    pub async fn over(store: impl Store) -> Self {
        Self::serve(Arc::new(store), Settings::open(), |app| app).await
    }

    /// Serves a store by a router that becomes part of another.
    pub(super) async fn serve(
        store: Arc<dyn Store>,
        settings: Settings,
        mounted: impl FnOnce(Router) -> Router,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port of 127.0.0.1");
        let address = listener.local_addr().expect("an address");
        let held = watch::Sender::new(Held::Nowhere);
        let app = mounted(router(Arc::clone(&store), settings));
        let app = app.layer(from_fn_with_state(held.subscribe(), hold));
        let mut work = JoinSet::new();
        work.spawn(async move { axum::serve(listener, app).await.expect("a server") });
        Self {
            address,
            store,
            held,
            _work: work,
            directory: None,
        }
    }

    /// Returns the address of the server.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes where streams wait, also those that wait already.
    pub fn hold_streams(&self, held: Held) {
        self.held.send_replace(held);
    }

    /// Writes more activities.
    pub async fn record(&self, activities: Vec<Activity>) {
        for some in activities.chunks(1_000) {
            let written = self.store.write(some.to_vec().into()).await;
            written.expect("activities that can be written");
        }
    }
}

/// Lets a stream wait as long as it is held.
async fn hold(State(held): State<watch::Receiver<Held>>, request: Request, next: Next) -> Response {
    let is_stream = request.uri().path().ends_with("/stream");
    let released = async |at: Held| {
        // Without its sender, the server has ended.
        let _ = held.clone().wait_for(|now| !is_stream || *now != at).await;
    };
    released(Held::Before).await;
    let response = next.run(request).await;
    released(Held::Behind).await;
    response
}
