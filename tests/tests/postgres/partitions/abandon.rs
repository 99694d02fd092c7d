//! Abandoning a stopped conversion leaves the table unchanged, with every row.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use tokio::sync::Notify;
use tracker_core::{
    PostgresStore, Store,
    store::postgres::partitions::{
        Abandoned, PartitionError, Partitioned, Partitioning, Period, Step,
    },
    timeline::Filter,
};
use tracker_tests::postgres::TestDatabase;

use super::{all_of, filled, now_ms, number, row};

const SCHEMA: &str = "turbobackend";

/// Returns statements that make each statement of this kind fail if the condition holds.
fn stopping(tag: &str, condition: &str) -> String {
    format!(
        "CREATE FUNCTION stop() RETURNS event_trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {condition} THEN
                RAISE EXCEPTION 'stopped here';
            END IF;
        END $$;
        CREATE EVENT TRIGGER stop ON ddl_command_start WHEN TAG IN ('{tag}') EXECUTE FUNCTION stop()"
    )
}

const GO_ON: &str = "DROP EVENT TRIGGER stop; DROP FUNCTION stop()";

const UNDER_WAY: &str = "to_regclass('turbobackend.project_actions_conversion') IS NOT NULL";

async fn by_day(store: &PostgresStore) -> Result<Partitioned, PartitionError> {
    store.partition(Partitioning::by(Period::Day), |_| ()).await
}

#[tokio::test]
async fn a_conversion_that_was_stopped_at_any_step_is_taken_back_with_all_that_it_made() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = filled(database.url(), SCHEMA, 60).await;
    let before = all_of(&client, SCHEMA).await;
    let mut rows = 60;
    // The conversion fails before the first index is built, while indexes are built, and when the
    // names are to change.
    for (tag, condition) in [
        ("CREATE INDEX", UNDER_WAY.to_owned()),
        (
            "CREATE INDEX",
            format!(
                "{UNDER_WAY} AND EXISTS (SELECT FROM pg_index JOIN pg_class ON oid = indrelid WHERE relname = 'project_actions_partitioned' AND NOT indisprimary)"
            ),
        ),
        ("ALTER INDEX", UNDER_WAY.to_owned()),
    ] {
        client
            .batch_execute(&stopping(tag, &condition))
            .await
            .unwrap();
        let stopped = by_day(&store).await.unwrap_err();
        assert!(
            tracker_tests::errors::all_text(&stopped).contains("stopped here"),
            "{stopped:?}"
        );
        // Rows are written to both tables meanwhile.
        store
            .write(vec![row("old", now_ms())].into())
            .await
            .unwrap();
        rows += 1;
        let both = "SELECT count(*) FROM turbobackend.project_actions_partitioned";
        assert_eq!(number(&client, both).await, rows);
        client.batch_execute(GO_ON).await.unwrap();
        let another = store.partition(Partitioning::by(Period::Month), |_| ());
        assert!(matches!(
            another.await,
            Err(PartitionError::UnderWay {
                is: Period::Day,
                ..
            })
        ));
        assert_eq!(
            store.abandon_partitioning().await.unwrap(),
            Abandoned::TakenBack
        );
        assert_eq!(all_of(&client, SCHEMA).await, before, "{tag}");
        assert_eq!(
            store.abandon_partitioning().await.unwrap(),
            Abandoned::Nothing
        );
        store
            .write(vec![row("old", now_ms())].into())
            .await
            .unwrap();
        rows += 1;
        assert_eq!(
            number(&client, "SELECT count(*) FROM turbobackend.project_actions").await,
            rows
        );
    }
    // A later conversion succeeds.
    let copied = u64::try_from(rows).unwrap();
    assert_eq!(
        by_day(&store).await.unwrap(),
        Partitioned::Converted { rows: copied }
    );
    let finished = store.abandon_partitioning().await.unwrap_err();
    assert!(
        matches!(finished, PartitionError::Finished { .. }),
        "{finished:?}"
    );
    assert_eq!(store.count(Filter::project("old")).await.unwrap(), copied);
}

#[tokio::test]
async fn an_index_that_was_dropped_while_a_conversion_had_stopped_is_not_kept() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = filled(database.url(), SCHEMA, 60).await;
    let replaced =
        "CREATE INDEX project_actions_timeline ON turbobackend.project_actions (project_id)";
    client.batch_execute(replaced).await.unwrap();
    // All indexes are built when the names are to change.
    let stop = stopping("ALTER INDEX", UNDER_WAY);
    client.batch_execute(&stop).await.unwrap();
    by_day(&store).await.unwrap_err();
    let drop = format!("{GO_ON}; DROP INDEX turbobackend.project_actions_timeline");
    client.batch_execute(&drop).await.unwrap();
    by_day(&store).await.unwrap();
    let left = "SELECT count(*) FROM pg_index JOIN pg_inherits ON inhrelid = indrelid
        WHERE inhparent = 'turbobackend.project_actions'::regclass
            AND pg_get_indexdef(indexrelid) LIKE '%(project_id)'";
    assert_eq!(number(&client, left).await, 0);
    let names =
        "SELECT count(*) FROM pg_class WHERE relname LIKE 'project\\_actions\\_partitioned%'";
    assert_eq!(number(&client, names).await, 0);
}

#[tokio::test]
async fn a_conversion_that_ended_while_rows_were_copied_is_taken_back_while_writers_go_on() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = filled(database.url(), SCHEMA, 30).await;
    let before = all_of(&client, SCHEMA).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let writer = {
        let (store, is_over) = (store.clone(), Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut written = 0;
            while !is_over.load(Relaxed) {
                store
                    .write(vec![row("new", now_ms())].into())
                    .await
                    .unwrap();
                written += 1;
            }
            written
        })
    };
    let copying = Arc::new(Notify::new());
    let conversion = {
        let (converting, copying) = (store.clone(), Arc::clone(&copying));
        tokio::spawn(async move {
            let partitioning = Partitioning::by(Period::Month);
            let tell = move |told: tracker_core::store::postgres::partitions::Progress| {
                if told.step == Step::Copying {
                    copying.notify_one();
                }
            };
            converting.partition(partitioning, tell).await
        })
    };
    copying.notified().await;
    conversion.abort();
    let is_aborted = conversion.await.is_err();
    // Abandoning waits until the server has finished the statement of the aborted conversion.
    match store.abandon_partitioning().await {
        Ok(Abandoned::TakenBack) => assert_eq!(all_of(&client, SCHEMA).await, before),
        other => assert!(!is_aborted, "{other:?}"),
    }
    is_over.store(true, Relaxed);
    let written: u64 = writer.await.unwrap();
    assert_eq!(store.count(Filter::project("new")).await.unwrap(), written);
    assert_eq!(store.count(Filter::project("old")).await.unwrap(), 30);
}

#[tokio::test]
async fn what_was_being_taken_back_is_removed_by_whoever_comes_next() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = filled(database.url(), SCHEMA, 60).await;
    let before = all_of(&client, SCHEMA).await;
    let is_half = "NOT (to_regclass('turbobackend.project_actions_conversion') IS NOT NULL) AND (SELECT count(*) FROM pg_inherits) BETWEEN 1 AND 60";
    for goes_on_by_converting in [false, true] {
        client
            .batch_execute(&stopping("CREATE INDEX", UNDER_WAY))
            .await
            .unwrap();
        by_day(&store).await.unwrap_err();
        client.batch_execute(GO_ON).await.unwrap();
        client
            .batch_execute(&stopping("DROP TABLE", is_half))
            .await
            .unwrap();
        store.abandon_partitioning().await.unwrap_err();
        client.batch_execute(GO_ON).await.unwrap();
        // Rows are written to the old table alone by now.
        store
            .write(vec![row("old", now_ms())].into())
            .await
            .unwrap();
        assert!(number(&client, "SELECT count(*) FROM pg_inherits").await > 0);
        if goes_on_by_converting {
            assert_eq!(
                by_day(&store).await.unwrap(),
                Partitioned::Converted { rows: 62 }
            );
        } else {
            assert_eq!(
                store.abandon_partitioning().await.unwrap(),
                Abandoned::TakenBack
            );
            assert_eq!(all_of(&client, SCHEMA).await, before);
        }
    }
}

#[tokio::test]
async fn a_table_that_nobody_converts_is_left_as_it_is() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = PostgresStore::new(database.url()).unwrap();
    let missing = store.abandon_partitioning().await.unwrap_err();
    assert!(
        matches!(
            missing,
            PartitionError::Store(tracker_core::StoreError::NotMigrated { .. })
        ),
        "{missing:?}"
    );
    let store = filled(database.url(), SCHEMA, 3).await;
    let before = all_of(&client, SCHEMA).await;
    assert_eq!(
        store.abandon_partitioning().await.unwrap(),
        Abandoned::Nothing
    );
    assert_eq!(all_of(&client, SCHEMA).await, before);
}
