//! The order and its errors.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use tracker_core::{ActionSet, RecordError, ReferenceIds};
use uuid::Uuid;

/// The body of a request for an order.
#[derive(Debug, Deserialize)]
pub struct NewOrder {
    /// The ID of the project that the order belongs to.
    pub project_id: String,
    /// The ordered items, line by line.
    pub lines: Value,
}

/// A stored order.
#[derive(Clone, Debug, Serialize, ReferenceIds)]
pub struct Order {
    /// The order's ID.
    #[reference(rename = "order_id")]
    pub id: Uuid,
    /// The ordered items, line by line.
    pub lines: Value,
    /// The time at which the order was placed.
    pub placed_at: DateTime<Utc>,
}

impl From<&NewOrder> for Order {
    fn from(order: &NewOrder) -> Self {
        Self {
            id: Uuid::now_v7(),
            lines: order.lines.clone(),
            placed_at: Utc::now(),
        }
    }
}

/// The action types of the service.
#[derive(ActionSet)]
pub enum Shop {
    /// An order was placed.
    OrderPlaced,
}

/// The error of an order that was not placed. A failure leaves nothing in the database.
#[derive(Debug, Error)]
pub enum OrderError {
    /// The order's activity could not be written.
    #[error("the order is not placed: its activity can't be recorded")]
    Untracked(#[from] RecordError),
    /// The database refused a statement or could not be reached.
    #[error("the order is not placed: the database can't take it")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

macro_rules! database_errors {
    ($($error:ty),*) => {$(
        impl From<$error> for OrderError {
            fn from(error: $error) -> Self {
                Self::Database(error.into())
            }
        }
    )*};
}

database_errors!(
    sqlx::Error,
    sea_orm::DbErr,
    diesel::result::Error,
    diesel_async::pooled_connection::deadpool::PoolError
);

impl IntoResponse for OrderError {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.to_string()).into_response()
    }
}
