//! Pruning a table in partitions of which some rows can't be removed.

use tokio_postgres::Client;
use tracker_core::{ActionType, Activity, Store, store::Pruning};
use tracker_tests::{
    partitions::{BEGIN_MS, DAY_MS, id_at, partitioned},
    postgres::TestDatabase,
    pruning::prune,
};

/// Two days behind the third month, as rows of a partition can be a day late. The rows before it are ten: on days 0 to 90.
const BEFORE: i64 = BEGIN_MS + 94 * DAY_MS;

async fn names(store: &dyn Store, client: &Client) -> Vec<String> {
    store.check().await.unwrap();
    let names = "SELECT relname::text FROM pg_class WHERE relname ~ '^project_actions_2025|^project_actions_2026_0[12]$' AND relkind = 'r' ORDER BY 1";
    let rows = client.query(names, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn partitions_that_a_foreign_key_refers_to_lose_all_rows_but_those_and_go_when_they_are_empty()
 {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    client
        .batch_execute(
            "CREATE TABLE comments (action_id VARCHAR CONSTRAINT of_activity REFERENCES turbobackend.project_actions);
            INSERT INTO comments SELECT action_id FROM turbobackend.project_actions_2025_12 ORDER BY 1 LIMIT 1;
            INSERT INTO comments SELECT action_id FROM turbobackend.project_actions_2026_01 ORDER BY 1 LIMIT 1",
        )
        .await
        .unwrap();
    // No partition can be dropped as a whole.
    let whole = prune(&store, Pruning::before(BEFORE).limit(0)).await;
    assert_eq!(whole.removed, 0);
    let [(because, None)] = &whole.kept[..] else {
        panic!("{whole:?}")
    };
    assert!(
        because.starts_with("the foreign key of_activity of the table public.comments: "),
        "{because}"
    );
    assert!(because.contains(", 3 of them, "), "{because}");
    let outcome = prune(&store, Pruning::before(BEFORE).limit(2)).await;
    assert_eq!(outcome.removed, 8);
    let named = "the foreign key of_activity of the table public.comments";
    assert_eq!(outcome.kept, [(named.to_owned(), Some(2))]);
    // The partition that is empty now is dropped the next time, and the others once no row refers
    // to them.
    let next = prune(&store, Pruning::before(BEFORE).limit(2)).await;
    assert_eq!(
        (next.removed, next.kept),
        (0, vec![(named.to_owned(), Some(2))])
    );
    let months = [
        "project_actions_2025_12",
        "project_actions_2026_01",
        "project_actions_2026_02",
    ];
    assert_eq!(names(&store, &client).await, months);
    client.batch_execute("TRUNCATE comments").await.unwrap();
    prune(&store, Pruning::before(BEFORE)).await;
    prune(&store, Pruning::before(BEFORE)).await;
    assert_eq!(names(&store, &client).await, months[2..]);
}

#[tokio::test]
async fn a_trigger_keeps_rows_from_going_with_their_partition() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    let held = format!(
        "CREATE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$it is held$$; END';
        CREATE TRIGGER legal_hold BEFORE DELETE ON turbobackend.project_actions FOR EACH ROW WHEN (OLD.created_at = {}) EXECUTE FUNCTION held()",
        BEGIN_MS + 40 * DAY_MS
    );
    client.batch_execute(&held).await.unwrap();
    let outcome = prune(&store, Pruning::before(BEFORE)).await;
    assert_eq!(outcome.removed, 9);
    let because = "the trigger legal_hold: it is held (SQLSTATE P0001)";
    assert_eq!(outcome.kept, [(because.to_owned(), Some(1))]);
    prune(&store, Pruning::before(BEFORE)).await;
    let months = ["project_actions_2025_12", "project_actions_2026_02"];
    assert_eq!(names(&store, &client).await, months);
}

#[tokio::test]
async fn policies_hold_for_whole_partitions_too() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    let grants = "GRANT USAGE ON SCHEMA turbobackend TO {role}; GRANT SELECT, DELETE ON turbobackend.project_actions TO {role}";
    let pruner = database.create_role(grants).await;
    let pruner = tracker_core::PostgresStore::new(pruner).unwrap();
    client
        .batch_execute("ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY")
        .await
        .unwrap();
    let outcome = prune(&pruner, Pruning::before(BEFORE)).await;
    assert_eq!(outcome.removed, 0);
    assert!(
        outcome.kept[0].0.starts_with("row-level security"),
        "{outcome:?}"
    );
    assert_eq!(store.count_before(BEFORE).await.unwrap(), 10);
    let owners = prune(&store, Pruning::before(BEFORE).limit(0)).await;
    assert_eq!((owners.removed, owners.kept), (10, vec![]));
}

#[tokio::test]
async fn a_partition_that_was_detached_or_dropped_by_hand_is_left_alone_and_holds_up_no_other() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    client
        .batch_execute(
            "ALTER TABLE turbobackend.project_actions DETACH PARTITION turbobackend.project_actions_2025_11;
            DROP TABLE turbobackend.project_actions_2025_12",
        )
        .await
        .unwrap();
    let outcome = prune(&store, Pruning::before(BEFORE)).await;
    assert_eq!((outcome.removed, outcome.kept), (3, vec![]));
    let archived = "SELECT count(*) FROM turbobackend.project_actions_2025_11";
    let archived: i64 = client.query_one(archived, &[]).await.unwrap().get(0);
    assert_eq!(archived, 3);
}

#[tokio::test]
async fn a_partition_that_a_view_reads_loses_its_rows_and_stays() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    client
        .batch_execute("CREATE VIEW november AS SELECT * FROM turbobackend.project_actions_2025_11")
        .await
        .unwrap();
    let outcome = prune(&store, Pruning::before(BEFORE).limit(5)).await;
    assert_eq!((outcome.removed, outcome.kept), (10, vec![]));
    let months = ["project_actions_2025_11", "project_actions_2026_02"];
    assert_eq!(names(&store, &client).await, months);
}

#[tokio::test]
async fn rows_of_ids_that_are_no_uuids_are_pruned_beside_partitions() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let odd = ["", "~", "order-7", "Z"].map(|id| {
        let mut row = Activity::new(ActionType::Deployment).project_id("odd");
        (row.action_id, row.created_at) = (id.to_owned(), Some(BEFORE - 1));
        row
    });
    let mut late = Activity::new(ActionType::Deployment).project_id("odd");
    (late.action_id, late.created_at) = (id_at(BEGIN_MS + 200 * DAY_MS), Some(BEFORE - 1));
    store
        .write(odd.into_iter().chain([late]).collect())
        .await
        .unwrap();
    let client = database.connect().await;
    client
        .batch_execute(
            "CREATE TABLE comments (action_id VARCHAR REFERENCES turbobackend.project_actions);
            INSERT INTO comments VALUES ('order-7')",
        )
        .await
        .unwrap();
    let outcome = prune(&store, Pruning::before(BEFORE).limit(2)).await;
    assert_eq!(outcome.removed, 14);
    assert_eq!(outcome.kept[0].1, Some(1));
    assert_eq!(store.count_before(BEFORE).await.unwrap(), 1);
}
