//! A table that is in partitions already when a migration builds an index.

use tracker_core::Store;
use tracker_tests::{
    partitions::{BEGIN_MS, partitioned},
    postgres::{TestDatabase, eventually},
};

use crate::migrations::all_from;

use super::{indexes, number, row};

/// Reverts the table to the state before the migration, with the remains of an interrupted build on
/// one partition.
const BEFORE: &str = "
    DROP INDEX turbobackend.project_actions_request_seconds;
    DELETE FROM turbobackend.tracker_schema_history WHERE version >= 12;
    DO $$
    DECLARE
        partition CONSTANT oid := (
            SELECT max(inhrelid::bigint) FROM pg_inherits WHERE inhparent = 'turbobackend.project_actions'::regclass
        );
    BEGIN
        EXECUTE format('CREATE INDEX project_actions_request_seconds_%s ON %s (project_id)', partition, partition::regclass);
        UPDATE pg_index SET indisvalid = false
        WHERE indexrelid = ('turbobackend.project_actions_request_seconds_' || partition)::regclass;
    END
    $$;
";

#[tokio::test]
async fn its_partitions_get_the_index_while_others_write() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    client.batch_execute(BEFORE).await.unwrap();

    // The build on the default partition waits for this transaction.
    let mut other = database.connect().await;
    let writer = other.transaction().await.unwrap();
    let insert =
        "INSERT INTO turbobackend.project_actions (action_id, project_id) VALUES ('0', 'other')";
    writer.batch_execute(insert).await.unwrap();
    let migrating = {
        let store = store.clone();
        tokio::spawn(async move { store.migrate().await })
    };
    let waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND query LIKE 'CREATE INDEX CONCURRENTLY%project_actions_default %' AND wait_event_type = 'Lock')";
    eventually(&client, waits).await;
    let written = row("p", BEGIN_MS + 1);
    store.write(vec![written.clone()].into()).await.unwrap();
    writer.commit().await.unwrap();
    let applied = migrating.await.unwrap().unwrap();
    assert_eq!(applied, all_from("V12__index_request_seconds"));

    assert!(
        indexes(&client)
            .await
            .contains(&"project_actions_request_seconds".to_owned())
    );
    let invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
    assert_eq!(number(&client, invalid).await, 0);
    let without = "SELECT count(*) FROM pg_inherits AS partition
        WHERE inhparent = 'turbobackend.project_actions'::regclass AND NOT EXISTS (
            SELECT FROM pg_inherits AS child JOIN pg_index ON indexrelid = child.inhrelid
            WHERE child.inhparent = 'turbobackend.project_actions_request_seconds'::regclass
                AND indrelid = partition.inhrelid AND pg_get_indexdef(indexrelid) LIKE '%request_id IS NOT NULL%'
        )";
    assert_eq!(number(&client, without).await, 0);
    assert_eq!(store.migrate().await.unwrap(), [""; 0]);
    let found = store.activity("p", &written.action_id).await.unwrap();
    assert_eq!(found, Some(written));
}
