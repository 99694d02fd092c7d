//! An order, and what can be wrong with it.

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

/// What a customer sends.
#[derive(Debug, Deserialize)]
pub struct NewOrder {
    /// Whose project it is for.
    pub project_id: String,
    /// What is ordered, line by line.
    pub lines: Value,
}

/// An order that is in the table.
#[derive(Clone, Debug, Serialize, ReferenceIds)]
pub struct Order {
    /// Under which it is found.
    #[reference(rename = "order_id")]
    pub id: Uuid,
    /// What is ordered, line by line.
    pub lines: Value,
    /// When it came.
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

/// What is tracked.
#[derive(ActionSet)]
pub enum Shop {
    /// An order came in.
    OrderPlaced,
}

/// Why an order was not placed. Nothing of it is in the database.
#[derive(Debug, Error)]
pub enum OrderError {
    /// Its activity could not be written.
    #[error("the order is not placed: its activity can't be recorded")]
    Untracked(#[from] RecordError),
    /// The database refused something, or could not be reached.
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
