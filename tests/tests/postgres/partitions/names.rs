//! Schemas of any name.

use tracker_core::{
    PostgresStore, Store,
    store::{
        Pruning,
        postgres::partitions::{Abandoned, Partitioned, Partitioning, Period},
    },
    timeline::{Filter, Query},
};
use tracker_tests::{
    partitions::{DAY_MS, id_at},
    postgres::TestDatabase,
};

use super::{all_of, filled, now_ms, number, row};

/// Quotes of both kinds, placeholders of `format`, parameters of a statement, placeholders of the
/// crate's own SQL, upper case, characters of several bytes, and names of the maximum length.
const NAMES: &[&str] = &[
    "ap'os",
    "a%b",
    "%s %I \"quo\" \\ a.b",
    "$1 $project_actions$ {schema} {table_literal} ''",
    "select; -- Upper",
    "жжжжжжжжжжжжжжжжжжжжжжжжжжжжжжж1",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

#[tokio::test]
async fn a_table_is_partitioned_written_pruned_and_taken_back_in_a_schema_of_any_name() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    for name in NAMES {
        let store = filled(database.url(), name, 70).await;
        let before = all_of(&client, name).await;
        let partition = || store.partition(Partitioning::by(Period::Month), |_| ());
        assert!(
            before.contains(&"r project_actions".to_owned()),
            "{name}: {before:?}"
        );
        let stop = "CREATE FUNCTION stop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stopped'; END $$;
            CREATE EVENT TRIGGER stop ON ddl_command_start WHEN TAG IN ('ALTER INDEX') EXECUTE FUNCTION stop()";
        client.batch_execute(stop).await.unwrap();
        partition().await.unwrap_err();
        client
            .batch_execute("DROP EVENT TRIGGER stop; DROP FUNCTION stop()")
            .await
            .unwrap();
        let abandoned = store.abandon_partitioning().await.unwrap();
        assert_eq!(abandoned, Abandoned::TakenBack, "{name}");
        assert_eq!(all_of(&client, name).await, before, "{name}");

        let partitioned = partition().await.unwrap();
        assert_eq!(partitioned, Partitioned::Converted { rows: 70 }, "{name}");
        // Functions have a fixed `search_path`, so other objects in the schema can't shadow the
        // names that they use.
        let open = "SELECT count(*) FROM pg_proc WHERE proname LIKE 'project\\_actions\\_%'
            AND NOT 'search_path=pg_catalog, pg_temp' = ANY (COALESCE(proconfig, '{}'))";
        assert_eq!(number(&client, open).await, 0, "{name}");
        let partitions = store.partitions().await.unwrap();
        let (first_id, _) = partitions[0].ids.clone().unwrap();
        let (_, last) = partitions[0].times.unwrap();
        let (_, next_last) = partitions[1].times.unwrap();
        let rows_of = async |partition: usize| {
            let name = name.replace('"', "\"\"");
            let count = format!(
                "SELECT count(*) FROM \"{name}\".{}",
                partitions[partition].name
            );
            u64::try_from(number(&client, &count).await).unwrap()
        };
        let (of_first, of_next) = (rows_of(0).await, rows_of(1).await);
        // A row of another time. The trigger widens the partition's zone by twice the distance.
        let mut odd = row("p", now_ms());
        odd.action_id = first_id.replace("-0000-0000-", "-7000-8000-");
        odd.created_at = Some(last + 60 * DAY_MS);
        store
            .write(vec![odd, row("p", now_ms())].into())
            .await
            .unwrap();
        let widened = &store.partitions().await.unwrap()[0];
        assert_eq!(widened.times.unwrap().1, last + 120 * DAY_MS, "{name}");
        assert_eq!(store.ensure_partitions().await.unwrap(), [], "{name}");
        let page = store.timeline(Query::project("p")).await.unwrap();
        assert_eq!(page.activities.len(), 2, "{name}");
        assert_eq!(store.count(Filter::project("old")).await.unwrap(), 70);

        // The second partition is dropped as a whole, and the rows of the first one are deleted.
        let whole = store
            .prune(Pruning::before(next_last + 1).limit(0))
            .await
            .unwrap();
        assert_eq!((whole.removed, whole.kept), (of_next, vec![]), "{name}");
        let rows = store
            .prune(Pruning::before(last - DAY_MS + 1))
            .await
            .unwrap();
        assert_eq!((rows.removed, rows.kept), (of_first, vec![]), "{name}");
        let left = store.count(Filter::project("old")).await.unwrap();
        assert_eq!(left, 70 - of_first - of_next);
        let again = partition().await.unwrap();
        assert_eq!(again, Partitioned::Already, "{name}");
    }
}

#[tokio::test]
async fn a_partition_is_made_in_a_schema_of_any_name_by_a_role_that_only_writes() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    for name in [NAMES[0], NAMES[1], NAMES[2]] {
        let store = filled(database.url(), name, 1).await;
        store
            .partition(Partitioning::by(Period::Month), |_| ())
            .await
            .unwrap();
        let quoted = format!("\"{}\"", name.replace('"', "\"\""));
        let missing = store.partitions().await.unwrap();
        let missing = &missing[missing.len() - 2];
        let drop = format!(
            "DROP TABLE {quoted}.{0}; DELETE FROM {quoted}.project_actions_partitions WHERE name = '{0}'",
            missing.name
        );
        client.batch_execute(&drop).await.unwrap();
        let (_, last) = missing.times.unwrap();
        let at = last - 2 * DAY_MS;
        let grants = format!(
            "GRANT USAGE ON SCHEMA {quoted} TO {{role}}; GRANT INSERT ON {quoted}.project_actions TO {{role}}"
        );
        let writer = database.create_role(&grants).await;
        let writer = PostgresStore::builder(writer).schema(name).build().unwrap();
        // The row is in the default partition, and is moved.
        let early = format!(
            "INSERT INTO {quoted}.project_actions (action_id, project_id, created_at) VALUES ('{}', 'p', {at})",
            id_at(at)
        );
        client.batch_execute(&early).await.unwrap();
        assert_eq!(writer.ensure_partitions().await.unwrap().len(), 1, "{name}");
        let moved = format!("SELECT count(*) FROM {quoted}.{}", missing.name);
        let moved: i64 = client.query_one(&moved, &[]).await.unwrap().get(0);
        assert_eq!(moved, 1, "{name}");
    }
}
