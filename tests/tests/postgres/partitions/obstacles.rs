//! Obstacles: anything that a partitioned table could not have, or that would end a conversion
//! half-way, is refused before anything is changed.

use tracker_core::{
    Store,
    store::postgres::partitions::{PartitionError, Partitioned, Partitioning, Period},
    timeline::Filter,
};
use tracker_tests::postgres::TestDatabase;

use super::{all_of, filled, indexes};

/// The statements that create each obstacle, in the schema `{s}` of the table, and the text of the
/// error.
const OBSTACLES: &[(&str, &str)] = &[
    (
        "CREATE TABLE {s}.other (id VARCHAR REFERENCES {s}.project_actions)",
        "the foreign key other_id_fkey of {s}.other refers to it",
    ),
    (
        "CREATE TABLE {s}.other (id VARCHAR PRIMARY KEY); ALTER TABLE {s}.project_actions ADD FOREIGN KEY (user_id) REFERENCES {s}.other",
        "it has the foreign key",
    ),
    (
        "CREATE FUNCTION {s}.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER odd AFTER INSERT ON {s}.project_actions EXECUTE FUNCTION {s}.f()",
        "the trigger odd",
    ),
    (
        "ALTER TABLE {s}.project_actions ENABLE ROW LEVEL SECURITY",
        "row-level security",
    ),
    (
        "CREATE POLICY odd ON {s}.project_actions USING (true)",
        "row-level security",
    ),
    (
        "CREATE VIEW {s}.seen AS SELECT action_id FROM {s}.project_actions",
        "{s}.seen reads it",
    ),
    (
        "CREATE MATERIALIZED VIEW {s}.seen AS SELECT action_id FROM {s}.project_actions",
        "{s}.seen reads it",
    ),
    (
        "CREATE RULE odd AS ON DELETE TO {s}.project_actions DO INSTEAD NOTHING",
        "{s}.project_actions reads it",
    ),
    (
        "CREATE TABLE {s}.child () INHERITS ({s}.project_actions)",
        "inherits",
    ),
    (
        "CREATE PUBLICATION {s}_odd FOR TABLE {s}.project_actions (action_id)",
        "the publication {s}_odd replicates it",
    ),
    (
        "CREATE PUBLICATION {s}_odd FOR TABLES IN SCHEMA {s} WITH (publish = 'delete, update')",
        "ALTER PUBLICATION {s}_odd SET (publish_via_partition_root = true)",
    ),
    ("ALTER TABLE {s}.project_actions SET UNLOGGED", "SET LOGGED"),
    (
        "ALTER TABLE {s}.project_actions ADD COLUMN odd INT GENERATED ALWAYS AS IDENTITY",
        "its column odd makes",
    ),
    (
        "ALTER TABLE {s}.project_actions ADD COLUMN odd BIGINT GENERATED ALWAYS AS (created_at) STORED",
        "its column odd makes",
    ),
    (
        "ALTER TABLE {s}.project_actions ADD COLUMN odd SERIAL",
        "the sequence {s}.project_actions_odd_seq belongs to a column of it",
    ),
    (
        "ALTER TABLE {s}.project_actions ALTER user_id SET STATISTICS 500",
        "its column user_id has options or a statistics target",
    ),
    (
        "ALTER TABLE {s}.project_actions ADD CONSTRAINT odd CHECK (created_at > 0) NOT VALID",
        "its constraint odd: validate",
    ),
    (
        "ALTER TABLE {s}.project_actions ADD CONSTRAINT odd CHECK (created_at > 0) NO INHERIT",
        "its constraint odd is not inherited",
    ),
    (
        "CREATE UNIQUE INDEX odd ON {s}.project_actions (project_id, created_at)",
        "its unique index {s}.odd is not of action_id",
    ),
    (
        "CREATE STATISTICS {s}.odd ON project_id, user_id FROM {s}.project_actions",
        "the extended statistics odd",
    ),
    (
        "ALTER TABLE {s}.project_actions REPLICA IDENTITY NOTHING",
        "REPLICA IDENTITY DEFAULT",
    ),
    (
        "CREATE FUNCTION {s}.f({s}.project_actions) RETURNS INT LANGUAGE sql AS 'SELECT 1'",
        "function {s}.f({s}.project_actions) depends on it",
    ),
    (
        "CREATE TABLE {s}.other (rows {s}.project_actions[])",
        "column rows of table {s}.other depends on it",
    ),
    (
        "CREATE TABLE {s}.project_actions_unpartitioned (n INT)",
        "project_actions_unpartitioned",
    ),
    (
        "CREATE TABLE {s}.project_actions_2026_07 (n INT)",
        "there is {s}.project_actions_2026_07 already",
    ),
    (
        "CREATE VIEW {s}.project_actions_default AS SELECT 1",
        "there is {s}.project_actions_default already",
    ),
];

#[tokio::test]
async fn what_a_partitioned_table_would_not_have_is_refused_and_nothing_is_changed() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    for (number, (made, named)) in OBSTACLES.iter().enumerate() {
        let schema = format!("s{number}");
        let store = filled(database.url(), &schema, 10).await;
        client
            .batch_execute(&made.replace("{s}", &schema))
            .await
            .unwrap();
        let before = all_of(&client, &schema).await;
        let conversion = store.partition(Partitioning::by(Period::Month), |_| ());
        let error = conversion.await.unwrap_err();
        assert!(
            matches!(error, PartitionError::Obstacle { .. }),
            "{made}: {error:?}"
        );
        let (said, named) = (error.to_string(), named.replace("{s}", &schema));
        assert!(said.contains(&named), "{made}: {said}");
        assert_eq!(all_of(&client, &schema).await, before, "{made}");
        assert_eq!(store.count(Filter::project("old")).await.unwrap(), 10);
        let drop = format!("DROP PUBLICATION IF EXISTS {schema}_odd");
        client.batch_execute(&drop).await.unwrap();
    }
}

#[tokio::test]
async fn what_comes_while_a_table_is_converted_is_refused_before_the_names_change() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = filled(database.url(), "turbobackend", 10).await;
    // The view is created after an index build, which is the last step before the names change.
    client
        .batch_execute(
            "CREATE FUNCTION late() RETURNS event_trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF to_regclass('turbobackend.project_actions_conversion') IS NOT NULL THEN
                    ALTER EVENT TRIGGER late DISABLE;
                    CREATE VIEW turbobackend.seen AS SELECT action_id FROM turbobackend.project_actions;
                END IF;
            END $$;
            CREATE EVENT TRIGGER late ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION late()",
        )
        .await
        .unwrap();
    let by_month = || store.partition(Partitioning::by(Period::Month), |_| ());
    let error = by_month().await.unwrap_err();
    assert!(
        error.to_string().contains("turbobackend.seen reads it"),
        "{error:?}"
    );
    client
        .batch_execute("DROP VIEW turbobackend.seen")
        .await
        .unwrap();
    assert_eq!(
        by_month().await.unwrap(),
        Partitioned::Converted { rows: 10 }
    );
}

#[tokio::test]
async fn indexes_keep_names_that_are_as_long_as_names_can_be() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = filled(database.url(), "turbobackend", 10).await;
    let long = "x".repeat(61);
    // Each character has two bytes.
    let wide = "ж".repeat(31);
    let names = [
        format!("{long}1"),
        format!("{long}2"),
        format!("{wide}1"),
        "A b\"c".to_owned(),
    ];
    for name in &names {
        let quoted = name.replace('"', "\"\"");
        let index = format!(
            "CREATE INDEX \"{quoted}\" ON turbobackend.project_actions (lower(request_id))"
        );
        client.batch_execute(&index).await.unwrap();
    }
    // The key has another name, and another index has its usual name.
    client
        .batch_execute(
            "ALTER INDEX turbobackend.project_actions_pkey RENAME TO another_key;
            CREATE INDEX project_actions_pkey ON turbobackend.project_actions (status)",
        )
        .await
        .unwrap();
    let before = indexes(&client).await;
    assert_eq!(before.len(), 12);
    let partitioned = store.partition(Partitioning::by(Period::Month), |_| ());
    partitioned.await.unwrap();
    assert_eq!(indexes(&client).await, before);
}
