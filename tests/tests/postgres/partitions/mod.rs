//! A Postgres table in partitions: how a table becomes one, what is read of it, and what is dropped.

mod abandon;
mod conversion;
mod later_index;
mod many;
mod names;
mod obstacles;
mod pruning;
mod reading;
mod replication;

use tokio_postgres::Client;
use tracker_core::{ActionType, Activity, PostgresStore, Store};
use tracker_tests::partitions::{DAY_MS, id_at};

/// Returns an activity with this time, also in its ID.
fn row(project_id: &str, at: i64) -> Activity {
    let mut row = Activity::new(ActionType::Deployment).project_id(project_id);
    (row.action_id, row.created_at) = (id_at(at), Some(at));
    row
}

fn now_ms() -> i64 {
    Activity::new(ActionType::Deployment).created_at.unwrap()
}

/// Creates a migrated store with `rows` rows, one for each of the last days.
async fn filled(url: &str, schema: &str, rows: i64) -> PostgresStore {
    let store = PostgresStore::builder(url).schema(schema).build().unwrap();
    store.migrate().await.unwrap();
    let begin = now_ms() - rows * DAY_MS;
    let rows = (0..rows).map(|day| row("old", begin + day * DAY_MS));
    store.write(rows.collect()).await.unwrap();
    store
}

/// Returns everything in the schema: tables, indexes, types, functions and triggers.
async fn all_of(client: &Client, schema: &str) -> Vec<String> {
    let all = "
        SELECT relkind::text || ' ' || relname FROM pg_class WHERE relnamespace::regnamespace::text = quote_ident($1)
        UNION ALL SELECT 'type ' || typname FROM pg_type WHERE typnamespace::regnamespace::text = quote_ident($1)
        UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace::regnamespace::text = quote_ident($1)
        UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE relnamespace::regnamespace::text = quote_ident($1)
        ORDER BY 1";
    let rows = client.query(all, &[&schema]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// The names of the table's valid indexes, in their order.
async fn indexes(client: &Client) -> Vec<String> {
    let indexes = "SELECT relname::text FROM pg_index JOIN pg_class ON oid = indexrelid
        WHERE indrelid = 'turbobackend.project_actions'::regclass AND indisvalid ORDER BY 1";
    let rows = client.query(indexes, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn number(client: &Client, question: &str) -> i64 {
    client.query_one(question, &[]).await.unwrap().get(0)
}
