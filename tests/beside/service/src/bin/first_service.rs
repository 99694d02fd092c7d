//! A service that stores orders, and records who placed them.

use std::{env, error::Error, time::Duration};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::StatusCode,
    routing::post,
};
use sqlx::PgPool;
use tokio::{net::TcpListener, signal};
use tracker_core::{
    ActionSet, Context, PostgresStore, ReferenceIds, Store, Tracker,
    tower::{ContextLayer, RequestIds},
    tracked,
};

/// The action types of the service. This one is stored as `order_placed`.
#[derive(ActionSet)]
enum Shop {
    OrderPlaced,
}

/// The result of an order. The marked field goes into the activity.
#[derive(ReferenceIds)]
struct Order {
    #[reference(rename = "order_id")]
    id: i64,
}

// The attribute records one activity for each call that succeeds.
#[tracked(action = Shop::OrderPlaced, details = "ordered {item}")]
async fn place_order(project_id: &str, item: &str, pool: &PgPool) -> Result<Order, sqlx::Error> {
    let id = sqlx::query_scalar("INSERT INTO orders (item) VALUES ($1) RETURNING id")
        .bind(item)
        .fetch_one(pool)
        .await?;
    Ok(Order { id })
}

async fn place(
    State(pool): State<PgPool>,
    Path((project, item)): Path<(String, String)>,
) -> Result<(StatusCode, String), StatusCode> {
    match place_order(&project, &item, &pool).await {
        Ok(order) => Ok((StatusCode::CREATED, format!("order {}\n", order.id))),
        Err(error) => {
            tracing::error!(error = &error as &dyn Error, "no order was placed");
            Err(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The tracker tells its troubles through `tracing`.
    tracing_subscriber::fmt().init();

    let url = env::var("DATABASE_URL")?;
    let pool = PgPool::connect(&url).await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS orders (id BIGSERIAL PRIMARY KEY, item TEXT NOT NULL)")
        .execute(&pool)
        .await?;

    // Once, when the program starts.
    let store = PostgresStore::new(&url)?;
    store.migrate().await?;
    let tracker = Tracker::builder()
        .store(store)
        .environment("production")
        .build()?
        .install()?;

    // Once for each request: whatever runs inside knows who asked for it.
    let request_ids = RequestIds::generated();
    let context = ContextLayer::new(move |request: &Request| {
        let user_id = "user_1"; // Take it from the place where your login has put it.
        Context::new()
            .with_user_id(user_id)
            .with_request_id(request_ids.of(request))
    });
    let app = Router::new()
        .route("/projects/{project}/orders/{item}", post(place))
        .with_state(pool)
        .layer(context);

    let address = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".into());
    let listener = TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, app)
        .with_graceful_shutdown(async {
            let _ = signal::ctrl_c().await;
        })
        .await?;

    // Once, before the program ends: this delivers what is still queued.
    tracker.shutdown(Duration::from_secs(5)).await;
    Ok(())
}
