//! A shop with axum, sqlx and Postgres, and the console behind its own login.

mod console;
mod login;
mod orders;

use std::{env, io, sync::Arc, time::Duration};

use anyhow::Context as _;
use axum::{
    Router,
    extract::Request,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use sqlx::PgPool;
use tokio::{net::TcpListener, signal, sync::watch};
use tracker_core::{
    Context, PostgresStore, Store, Tracker,
    tower::{ContextLayer, RequestIds},
};
use tracker_server::{Settings, router};

use self::{console::Members, login::Session, orders::Shop};

/// Returns the whole service. The console's streams end when `ending` becomes true.
fn service(pool: &PgPool, tracker: &Tracker, ending: watch::Receiver<bool>) -> Router {
    let members = Arc::new(Members(pool.clone()));
    let console = Settings::new(members.clone())
        .actions::<Shop>()
        .names(members)
        .login("/login")
        .ending(ending);

    let request_ids = RequestIds::generated();
    let context = ContextLayer::new(move |request: &Request| {
        let context = Context::new().with_request_id(request_ids.of(request));
        match request.extensions().get::<Session>() {
            Some(session) => context.with_user_id(&session.user_id),
            None => context,
        }
    });

    Router::new()
        .route("/login", get(login::form).post(login::log_in))
        .route("/shops/{shop}/orders", post(orders::post))
        .with_state(pool.clone())
        .nest_service("/tracker", router(Arc::clone(tracker.store()), console))
        // The last layer is the first to see a request, so the context finds the session.
        .layer(context)
        .layer(from_fn_with_state(pool.clone(), login::with_session))
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Without a subscriber nobody would see what the tracker reports.
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let database_url = env::var("DATABASE_URL").context("DATABASE_URL names no Postgres")?;
    let pool = PgPool::connect(&database_url).await?;
    sqlx::migrate!().run(&pool).await?;

    let store = PostgresStore::new(&database_url)?;
    store.migrate().await?;
    let tracker = Tracker::builder()
        .store(store)
        .environment("production")
        .build()?
        .install()?;

    let (end, ending) = watch::channel(false);
    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".into());
    let listener = TcpListener::bind(&address)
        .await
        .with_context(|| format!("can't listen on {address}; set LISTEN to a free one"))?;
    println!("listening on http://{}/", listener.local_addr()?);
    axum::serve(listener, service(&pool, &tracker, ending))
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
