//! A service over Postgres that answers with the number of users.

use std::error::Error;

use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use deadpool_postgres::{Config, Pool, Runtime};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_postgres_rustls::MakeRustlsConnect;

async fn users(State(pool): State<Pool>) -> Result<Json<Value>, StatusCode> {
    let unavailable = |_| StatusCode::SERVICE_UNAVAILABLE;
    let client = pool.get().await.map_err(unavailable)?;
    let row = client.query_one("SELECT count(*) FROM users", &[]).await;
    let users: i64 = row
        .and_then(|row| row.try_get(0))
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(Json(json!({ "users": users })))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = std::env::var("DATABASE_URL")?;
    let config = Config {
        url: Some(url),
        ..Config::new()
    };
    let (tls, _) = MakeRustlsConnect::with_native_certs().map_err(|_| "no root certificates")?;
    let pool = config.create_pool(Some(Runtime::Tokio1), tls)?;
    let app = Router::new().route("/users", get(users)).with_state(pool);
    axum::serve(TcpListener::bind("127.0.0.1:0").await?, app).await?;
    Ok(())
}
