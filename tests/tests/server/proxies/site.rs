//! The application behind the proxy: [`Site`].

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    http::{header, request},
    routing::get,
};
use futures_util::future::{BoxFuture, ready};
use tokio::{net::TcpListener, task::JoinSet, task::block_in_place};
use tracker_core::{ActionType, Activity, MemoryStore, Store};
use tracker_server::{Authorize, Decision, Settings, router};
use tracker_tests::web_proxy::{Kind, WebProxy};

/// An application with the API, and a proxy in front of it.
pub(crate) struct Site {
    pub(crate) proxy: WebProxy,
    pub(crate) store: MemoryStore,
    _work: JoinSet<()>,
}

/// Identifies readers by a header that no proxy knows, as an application may.
struct ByName;

impl Authorize for ByName {
    fn decide<'a>(&'a self, request: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        let name = request.headers.get("x-user");
        Box::pin(ready(match name {
            None => Decision::Unauthenticated,
            Some(name) if name == "user_1" => Decision::Allowed,
            Some(_) => Decision::Denied,
        }))
    }
}

impl Site {
    pub(crate) async fn behind(kind: Kind) -> Self {
        let store = MemoryStore::new();
        let settings = Settings::new(Arc::new(ByName));
        let count = Arc::new(AtomicUsize::new(0));
        // A page of the site that may be cached. It shows that the proxy's cache is on.
        let counted = move || {
            let count = count.fetch_add(1, Ordering::Relaxed);
            let headers = [(header::CACHE_CONTROL, "public, max-age=600")];
            async move { (headers, format!("asked {count} times before")) }
        };
        let app = router(Arc::new(store.clone()), settings);
        let app = app.route("/count", get(counted));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address: SocketAddr = listener.local_addr().unwrap();
        let mut work = JoinSet::new();
        work.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            proxy: block_in_place(|| WebProxy::before(kind, address)),
            store,
            _work: work,
        }
    }

    /// Records an activity of a project.
    pub(crate) async fn record(&self, project_id: &str, id: &str) {
        let mut row = Activity::new(ActionType::Deployment).project_id(project_id);
        id.clone_into(&mut row.action_id);
        self.store.write(vec![row].into()).await.unwrap();
    }
}
