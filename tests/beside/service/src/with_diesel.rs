//! The service with Diesel.

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use diesel::ExpressionMethods;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool,
};
use tracker_core::{Tracker, tracked};

use self::schema::orders;
use crate::order::{NewOrder, Order, OrderError, Shop};

mod schema {
    diesel::table! {
        orders (id) {
            id -> Uuid,
            lines -> Jsonb,
            placed_at -> Timestamptz,
        }
    }
}

/// The handler state of the service.
#[derive(Clone)]
pub struct Orders {
    pool: Pool<AsyncPgConnection>,
    tracker: Tracker,
}

impl Orders {
    /// Creates the service on a database. The tracker determines the schema of the activities.
    #[must_use]
    pub fn new(pool: Pool<AsyncPgConnection>, tracker: Tracker) -> Self {
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
        client = connection,
        required
    )]
    async fn place(
        &self,
        connection: &mut AsyncPgConnection,
        order: &NewOrder,
    ) -> Result<Order, OrderError> {
        let order = Order::from(order);
        diesel::insert_into(orders::table)
            .values((
                orders::id.eq(order.id),
                orders::lines.eq(&order.lines),
                orders::placed_at.eq(order.placed_at),
            ))
            .execute(connection)
            .await?;
        Ok(order)
    }
}

async fn place(
    State(orders): State<Orders>,
    Json(order): Json<NewOrder>,
) -> Result<(StatusCode, Json<Order>), OrderError> {
    let mut connection = orders.pool.get().await?;
    let order = connection
        .transaction(async |connection| orders.place(connection, &order).await)
        .await?;
    Ok((StatusCode::CREATED, Json(order)))
}
