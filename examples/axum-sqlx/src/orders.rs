//! Orders: each is stored together with its activity, or not at all.

use axum::{
    Extension, Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use sqlx::{PgPool, Postgres, Transaction};
use thiserror::Error;
use tracker_core::{ActionSet, RecordError, ReferenceIds, tracked};
use uuid::Uuid;

use crate::login::Session;

/// The action types of the service. The console shows this one as "Order placed".
#[derive(ActionSet)]
pub(crate) enum Shop {
    OrderPlaced,
}

#[derive(Deserialize)]
pub(crate) struct NewOrder {
    item: String,
    quantity: i32,
}

/// A stored order. Its activity refers to it by `order_id`.
#[derive(Serialize, ReferenceIds)]
pub(crate) struct Order {
    #[reference(rename = "order_id")]
    id: Uuid,
    item: String,
    quantity: i32,
}

/// The error of an order that was not placed. It leaves nothing in the database.
#[derive(Debug, Error)]
pub(crate) enum OrderError {
    #[error("log in first")]
    NotLoggedIn,
    #[error("you are no member of such a shop")]
    NoMember,
    #[error("the order is not placed: the database can't take it")]
    Database(#[from] sqlx::Error),
    #[error("the order is not placed: its activity can't be recorded")]
    Untracked(#[from] RecordError),
}

impl IntoResponse for OrderError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NotLoggedIn => StatusCode::UNAUTHORIZED,
            Self::NoMember => StatusCode::NOT_FOUND,
            Self::Database(_) | Self::Untracked(_) => {
                let source: &dyn std::error::Error = &self;
                tracing::error!(error = source, "an order is not placed");
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        (status, self.to_string()).into_response()
    }
}

/// Stores an order. User and request of the activity come from the request's context.
///
/// With `required`, the function fails if the activity can't be written.
#[tracked(
    action = Shop::OrderPlaced,
    project = shop,
    details = "ordered {output.quantity} × {output.item}",
    client = tx,
    required
)]
async fn place(
    shop: &str,
    order: NewOrder,
    tx: &mut Transaction<'_, Postgres>,
) -> Result<Order, OrderError> {
    let NewOrder { item, quantity } = order;
    let id = Uuid::now_v7();
    sqlx::query("INSERT INTO orders (id, shop_id, item, quantity) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(shop)
        .bind(&item)
        .bind(quantity)
        .execute(&mut **tx)
        .await?;
    Ok(Order { id, item, quantity })
}

/// Answers `POST /shops/{shop}/orders`.
pub(crate) async fn post(
    State(pool): State<PgPool>,
    session: Option<Extension<Session>>,
    Path(shop): Path<String>,
    Json(order): Json<NewOrder>,
) -> Result<(StatusCode, Json<Order>), OrderError> {
    let Extension(session) = session.ok_or(OrderError::NotLoggedIn)?;
    let mut tx = pool.begin().await?;
    let is_member: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM members WHERE shop_id = $1 AND user_id = $2)",
    )
    .bind(&shop)
    .bind(&session.user_id)
    .fetch_one(&mut *tx)
    .await?;
    if !is_member {
        return Err(OrderError::NoMember);
    }
    let order = place(&shop, order, &mut tx).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(order)))
}
