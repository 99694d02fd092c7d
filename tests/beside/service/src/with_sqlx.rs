//! The service with sqlx.

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use sqlx::{PgPool, Postgres, Transaction};
use tracker_core::{Tracker, tracked};

use crate::order::{NewOrder, Order, OrderError, Shop};

/// The handler state of the service.
#[derive(Clone)]
pub struct Orders {
    pool: PgPool,
    tracker: Tracker,
}

impl Orders {
    /// Creates the service on a database. The tracker determines the schema of the activities.
    #[must_use]
    pub fn new(pool: PgPool, tracker: Tracker) -> Self {
        Self { pool, tracker }
    }

    /// Returns the router, which serves `POST /orders`.
    pub fn router(self) -> Router {
        Router::new().route("/orders", post(place)).with_state(self)
    }

    #[tracked(
        action = Shop::OrderPlaced,
        project = order.project_id,
        tracker = self.tracker,
        client = tx,
        required
    )]
    async fn place(
        &self,
        tx: &mut Transaction<'_, Postgres>,
        order: &NewOrder,
    ) -> Result<Order, OrderError> {
        let order = Order::from(order);
        sqlx::query("INSERT INTO orders (id, lines, placed_at) VALUES ($1, $2, $3)")
            .bind(order.id)
            .bind(&order.lines)
            .bind(order.placed_at)
            .execute(&mut **tx)
            .await?;
        Ok(order)
    }
}

async fn place(
    State(orders): State<Orders>,
    Json(order): Json<NewOrder>,
) -> Result<(StatusCode, Json<Order>), OrderError> {
    let mut tx = orders.pool.begin().await?;
    let order = orders.place(&mut tx, &order).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(order)))
}
