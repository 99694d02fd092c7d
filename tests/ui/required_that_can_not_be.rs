use tracker_core::{RecordError, store::postgres::tokio_postgres::Client, tracked};

#[tracked(action = "deployment", required)]
async fn without_a_client() -> Result<u64, RecordError> {
    Ok(1)
}

#[tracked(action = "deployment", or_journal)]
async fn journaled_in_any_case() -> Result<u64, RecordError> {
    Ok(1)
}

#[tracked(action = "deployment", client = tx, required, or_journal)]
async fn both(tx: &Client) -> Result<u64, RecordError> {
    let _ = tx;
    Ok(1)
}

#[tracked(action = "deployment", client = tx, required = true)]
async fn with_a_value(tx: &Client) -> Result<u64, RecordError> {
    let _ = tx;
    Ok(1)
}

fn main() {}
