use tracker_core::{store::postgres::tokio_postgres::Client, tracked};

#[derive(Debug)]
struct OrderError;

#[tracked(action = "deployment", client = tx, required)]
async fn place(tx: &Client) -> Result<u64, OrderError> {
    let _ = tx;
    Ok(1)
}

#[tracked(action = "deployment", client = tx, required)]
async fn place_or_none(tx: &Client) -> Option<u64> {
    let _ = tx;
    Some(1)
}

fn main() {}
