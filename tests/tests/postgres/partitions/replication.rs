//! Publications of all tables, such as the one that Debezium makes by itself.

use tokio_postgres::Client;
use tracker_core::{
    PostgresStore, Store,
    store::{
        Pruning,
        postgres::partitions::{PartitionError, Partitioned, Partitioning, Period},
    },
};
use tracker_tests::{
    partitions::{BEGIN_MS, DAY_MS, partitioned},
    postgres::{ExclusiveServer, ServerOptions, TestDatabase, eventually},
};

use crate::migrations::all_from;

use super::{filled, now_ms, number, row};

/// Counts the tables of the schema that have neither a primary key nor a full replica identity.
const WITHOUT_IDENTITY: &str = "SELECT count(*) FROM pg_class
    WHERE relnamespace = 'turbobackend'::regnamespace AND relkind IN ('r', 'p') AND relreplident <> 'f'
        AND NOT EXISTS (SELECT FROM pg_index WHERE indrelid = pg_class.oid AND indisprimary)";

#[tokio::test]
async fn a_publication_of_all_tables_is_no_obstacle_where_it_knows_partitions_by_their_table() {
    for publication in [
        "CREATE PUBLICATION everything FOR ALL TABLES",
        "CREATE PUBLICATION everything FOR TABLES IN SCHEMA turbobackend WITH (publish = 'delete, update')",
    ] {
        let database = TestDatabase::create().await;
        let client = database.connect().await;
        let store = filled(database.url(), "turbobackend", 60).await;
        client.batch_execute(publication).await.unwrap();
        let by_month = || store.partition(Partitioning::by(Period::Month), |_| ());
        let refused = by_month().await.unwrap_err();
        assert!(
            matches!(refused, PartitionError::Obstacle { .. }),
            "{refused:?}"
        );
        let said = refused.to_string();
        let advice = "ALTER PUBLICATION everything SET (publish_via_partition_root = true)";
        assert!(said.ends_with(advice), "{said}");
        client.batch_execute(advice).await.unwrap();
        assert_eq!(
            by_month().await.unwrap(),
            Partitioned::Converted { rows: 60 }
        );
        assert_eq!(number(&client, WITHOUT_IDENTITY).await, 0);
        // The first month is dropped as a whole, and one row of the next is deleted.
        let first = store.partitions().await.unwrap().remove(0);
        let rows = format!("SELECT count(*) FROM turbobackend.{}", first.name);
        let rows = u64::try_from(number(&client, &rows).await).unwrap();
        let (_, last) = first.times.unwrap();
        let whole = store.prune(Pruning::before(last + 1).limit(0)).await;
        assert_eq!(whole.unwrap().removed, rows);
        let one_by_one = store.prune(Pruning::before(last + 1)).await;
        assert_eq!(one_by_one.unwrap().removed, 1);
    }
}

#[tokio::test]
async fn a_publication_that_comes_while_a_table_is_converted_stops_no_step_but_the_last() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = filled(database.url(), "turbobackend", 60).await;
    client
        .batch_execute(
            "CREATE FUNCTION late() RETURNS event_trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF to_regclass('turbobackend.project_actions_conversion') IS NOT NULL THEN
                    RAISE EXCEPTION 'stopped here';
                END IF;
            END $$;
            CREATE EVENT TRIGGER late ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION late()",
        )
        .await
        .unwrap();
    let by_month = || store.partition(Partitioning::by(Period::Month), |_| ());
    by_month().await.unwrap_err();
    client
        .batch_execute("DROP EVENT TRIGGER late; CREATE PUBLICATION everything FOR ALL TABLES")
        .await
        .unwrap();
    // Changed and removed rows are noted in a table of the conversion.
    let change = "UPDATE turbobackend.project_actions SET status = 'failure' WHERE action_id IN (SELECT action_id FROM turbobackend.project_actions LIMIT 5)";
    assert_eq!(client.execute(change, &[]).await.unwrap(), 5);
    store
        .write(vec![row("old", now_ms())].into())
        .await
        .unwrap();
    let refused = by_month().await.unwrap_err();
    assert!(
        matches!(refused, PartitionError::Obstacle { .. }),
        "{refused:?}"
    );
    client
        .batch_execute("ALTER PUBLICATION everything SET (publish_via_partition_root = true)")
        .await
        .unwrap();
    by_month().await.unwrap();
    let changed = "SELECT count(*) FROM turbobackend.project_actions WHERE status = 'failure'";
    assert_eq!(number(&client, changed).await, 5);
}

/// Reverts the table to the state of an earlier version: no replica identity, and no function that
/// checks for kept rows.
async fn as_converted_before(client: &Client) {
    client
        .batch_execute(
            "ALTER TABLE turbobackend.project_actions_partitions REPLICA IDENTITY DEFAULT;
            DROP FUNCTION turbobackend.project_actions_keeps_rows(regclass);
            DELETE FROM turbobackend.tracker_schema_history WHERE version >= 7",
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn a_table_that_was_converted_before_gets_what_it_needs_by_migrating() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    as_converted_before(&client).await;
    client
        .batch_execute("CREATE PUBLICATION everything FOR ALL TABLES")
        .await
        .unwrap();
    let pruning = || store.prune(Pruning::before(BEGIN_MS + 40 * DAY_MS).limit(0));
    pruning().await.unwrap_err();
    assert_eq!(
        store.migrate().await.unwrap(),
        all_from("V7__replica_identities")
    );
    assert_eq!(pruning().await.unwrap().removed, 3);
    assert_eq!(number(&client, WITHOUT_IDENTITY).await, 0);
}

/// The tables that docs/scale.md creates on subscribers.
const NEEDED_BY_SUBSCRIBERS: &str = "
CREATE TABLE turbobackend.project_actions_partitioned (LIKE turbobackend.project_actions);
CREATE TABLE turbobackend.project_actions_conversion (
    copied_to VARCHAR, copied BIGINT, total BIGINT
);
CREATE TABLE turbobackend.project_actions_changed (action_id VARCHAR);
CREATE TABLE turbobackend.project_actions_partitions (
    name TEXT, period TEXT, first_id TEXT, end_id TEXT,
    created_first BIGINT, created_last BIGINT, untimed BOOLEAN
);
";

#[tokio::test]
async fn a_subscriber_gets_each_row_before_while_and_after_the_table_is_converted() {
    let options = ServerOptions {
        settings: vec!["wal_level=logical".to_owned()],
        ..ServerOptions::default()
    };
    let server = ExclusiveServer::new(&options);
    let publisher = server.connect().await;
    publisher
        .batch_execute("CREATE DATABASE copy")
        .await
        .unwrap();
    let url = server.url();
    let copy_url = format!("{}/copy", url.rsplit_once('/').unwrap().0);
    let store = filled(&url, "turbobackend", 40).await;
    let copy = PostgresStore::new(&*copy_url).unwrap();
    copy.migrate().await.unwrap();
    publisher
        .batch_execute(
            "CREATE PUBLICATION everything FOR ALL TABLES WITH (publish_via_partition_root = true)",
        )
        .await
        .unwrap();
    let slot = "SELECT pg_create_logical_replication_slot('copy', 'pgoutput')";
    publisher.query_one(slot, &[]).await.unwrap();
    let (subscriber, connection) = tokio_postgres::connect(&copy_url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    // Both databases are on one server, so the subscription can't create the slot itself.
    let subscribe = format!(
        "CREATE SUBSCRIPTION copy CONNECTION '{url}' PUBLICATION everything WITH (create_slot = false, slot_name = 'copy', copy_data = false)"
    );
    subscriber.batch_execute(&subscribe).await.unwrap();
    // The subscriber would stop at a published table that it lacks. The conversion writes to these
    // tables.
    subscriber
        .batch_execute(NEEDED_BY_SUBSCRIBERS)
        .await
        .unwrap();
    let has = async |rows: i64| {
        let question = format!(
            "SELECT count(*) = {rows} AND count(DISTINCT action_id) = {rows} FROM turbobackend.project_actions"
        );
        eventually(&subscriber, &question).await;
    };
    let write = async |rows: i64| {
        let rows = (0..rows).map(|_| row("new", now_ms()));
        store.write(rows.collect()).await.unwrap();
    };
    let scale = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/scale.md"));
    assert!(scale.unwrap().contains(NEEDED_BY_SUBSCRIBERS));
    write(5).await;
    has(5).await;
    let partition = store.partition(Partitioning::by(Period::Month), |_| ());
    let (converted, ()) = tokio::join!(partition, write(7));
    assert!(matches!(converted.unwrap(), Partitioned::Converted { rows } if rows >= 45));
    write(3).await;
    has(15).await;
    publisher
        .batch_execute("DELETE FROM turbobackend.project_actions WHERE action_id = (SELECT max(action_id) FROM turbobackend.project_actions WHERE project_id = 'new')")
        .await
        .unwrap();
    has(14).await;
    let change =
        "UPDATE turbobackend.project_actions SET status = 'failure' WHERE project_id = 'new'";
    assert_eq!(publisher.execute(change, &[]).await.unwrap(), 14);
    eventually(
        &subscriber,
        "SELECT count(*) = 14 FROM turbobackend.project_actions WHERE status = 'failure'",
    )
    .await;
    subscriber
        .batch_execute("DROP SUBSCRIPTION copy")
        .await
        .unwrap();
}
