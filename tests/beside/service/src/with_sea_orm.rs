//! The service with SeaORM.

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use sea_orm::{ActiveModelTrait, DatabaseConnection, DatabaseTransaction, Set, TransactionTrait};
use tracker_core::{Tracker, tracked};

use crate::order::{NewOrder, Order, OrderError, Shop};

#[expect(unreachable_pub, reason = "SeaORM's entities are public")]
mod orders {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(column_type = "JsonBinary")]
        pub lines: Json,
        pub placed_at: DateTimeUtc,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The handler state of the service.
#[derive(Clone)]
pub struct Orders {
    database: DatabaseConnection,
    tracker: Tracker,
}

impl Orders {
    /// Creates the service on a database. The tracker determines the schema of the activities.
    #[must_use]
    pub fn new(database: DatabaseConnection, tracker: Tracker) -> Self {
        Self { database, tracker }
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
    async fn place(&self, tx: &DatabaseTransaction, order: &NewOrder) -> Result<Order, OrderError> {
        let order = Order::from(order);
        let row = orders::ActiveModel {
            id: Set(order.id),
            lines: Set(order.lines.clone()),
            placed_at: Set(order.placed_at),
        };
        row.insert(tx).await?;
        Ok(order)
    }
}

async fn place(
    State(orders): State<Orders>,
    Json(order): Json<NewOrder>,
) -> Result<(StatusCode, Json<Order>), OrderError> {
    let tx = orders.database.begin().await?;
    let order = orders.place(&tx, &order).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(order)))
}
