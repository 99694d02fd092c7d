//! Places among the arrivals in Postgres. Their numbers are those of transactions, which another
//! server, another table or a restored table assigns again.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tokio::task::block_in_place;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store, StoreError,
    store::postgres::partitions::{Partitioning, Period},
    timeline::{Arrivals, Place},
};
use tracker_tests::{
    arrivals::all_settled,
    log::Log,
    postgres::{ExclusiveServer, ServerOptions, TestDatabase},
};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(1);

async fn migrated(url: &str) -> PostgresStore {
    let store = PostgresStore::new(url).unwrap();
    store.migrate().await.unwrap();
    store
}

async fn write(store: &PostgresStore, id: &str) {
    let mut row = Activity::new(ActionType::Deployment).project_id("p");
    id.clone_into(&mut row.action_id);
    store.write(vec![row].into()).await.unwrap();
}

/// Returns the IDs that have arrived after a place by now.
async fn after(store: &PostgresStore, place: &Place) -> Result<Vec<String>, StoreError> {
    let until = all_settled(store).await;
    let arrivals = Arrivals::new(vec!["p".to_owned()], place.clone(), until);
    let rows = store.arrivals(arrivals).await?;
    Ok(rows.into_iter().map(|(_, row)| row.action_id).collect())
}

/// Returns the place of the only row that has arrived after another place.
async fn place_of_next(store: &PostgresStore, place: &Place) -> Place {
    let until = all_settled(store).await;
    let arrivals = Arrivals::new(vec!["p".to_owned()], place.clone(), until);
    let [(place, _)] = store.arrivals(arrivals).await.unwrap().try_into().unwrap();
    place
}

#[track_caller]
fn assert_unknown(found: &Result<Vec<String>, StoreError>) {
    assert!(
        matches!(found, Err(StoreError::UnknownPlace { .. })),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_place_of_a_table_that_was_dropped_and_restored_is_unknown() {
    let database = TestDatabase::create().await;
    let store = migrated(database.url()).await;
    let begin = all_settled(&store).await;
    write(&store, "a").await;
    let row = place_of_next(&store, &begin).await;
    write(&store, "b").await;
    assert_eq!(after(&store, &begin).await.unwrap(), ["a", "b"]);
    assert_eq!(after(&store, &row).await.unwrap(), ["b"]);

    let client = database.connect().await;
    let restore = "CREATE TABLE copy AS SELECT * FROM turbobackend.project_actions;
        DROP SCHEMA turbobackend CASCADE";
    client.batch_execute(restore).await.unwrap();
    store.migrate().await.unwrap();
    let restore = "INSERT INTO turbobackend.project_actions SELECT * FROM copy";
    client.batch_execute(restore).await.unwrap();
    assert_unknown(&after(&store, &begin).await);
    assert_unknown(&after(&store, &row).await);
}

#[tokio::test]
async fn a_place_is_unknown_once_its_row_is_gone_or_is_another_transactions() {
    let database = TestDatabase::create().await;
    let store = migrated(database.url()).await;
    let client = database.connect().await;
    let begin = all_settled(&store).await;
    write(&store, "a").await;
    let row = place_of_next(&store, &begin).await;
    let update = "UPDATE turbobackend.project_actions SET status = 'success'";
    client.batch_execute(update).await.unwrap();
    assert_unknown(&after(&store, &row).await);
    let row = place_of_next(&store, &begin).await;
    assert_eq!(after(&store, &row).await.unwrap(), [""; 0]);
    client
        .batch_execute("DELETE FROM turbobackend.project_actions")
        .await
        .unwrap();
    assert_unknown(&after(&store, &row).await);
    // A place that names no row is still valid.
    assert_eq!(after(&store, &begin).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_place_is_unknown_once_its_table_was_converted_to_partitions() {
    let database = TestDatabase::create().await;
    let store = migrated(database.url()).await;
    let begin = all_settled(&store).await;
    write(&store, "a").await;
    let row = place_of_next(&store, &begin).await;
    let by_month = Partitioning::by(Period::Month);
    store.partition(by_month, |_| ()).await.unwrap();
    assert_unknown(&after(&store, &begin).await);
    assert_unknown(&after(&store, &row).await);

    let begin = all_settled(&store).await;
    write(&store, "b").await;
    assert_eq!(after(&store, &begin).await.unwrap(), ["b"]);
}

#[tokio::test]
async fn a_place_ahead_of_the_server_is_unknown() {
    let database = TestDatabase::create().await;
    let store = migrated(database.url()).await;
    let place = all_settled(&store).await;
    let ahead = |transactions: u64| -> Place {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(place.to_string()).unwrap()).unwrap();
        let (numbering, number) = text.split_once('.').unwrap();
        let number: u64 = number.parse().unwrap();
        let text = format!("{numbering}.{}", number + transactions);
        URL_SAFE_NO_PAD.encode(text).parse().unwrap()
    };
    assert_eq!(after(&store, &ahead(0)).await.unwrap(), [""; 0]);
    assert_unknown(&after(&store, &ahead(1_000_000)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_outlives_a_restart_and_is_known_to_a_standby_and_not_to_another_server() {
    let mut server = block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let other = block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let standby = block_in_place(|| server.standby());
    let store = migrated(&server.url()).await;
    let begin = all_settled(&store).await;
    write(&store, "a").await;
    let row = place_of_next(&store, &begin).await;
    let elsewhere = migrated(&other.url()).await;
    assert_unknown(&after(&elsewhere, &begin).await);
    assert_unknown(&after(&elsewhere, &row).await);

    // A standby that lags has not seen the place yet. One that has caught up knows it.
    let reader = PostgresStore::new(standby.url()).unwrap();
    let followed = async {
        while after(&reader, &begin).await.unwrap_or_default() != ["a"] {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, followed)
        .await
        .expect("it follows");
    let paused = standby.connect().await;
    paused
        .batch_execute("SELECT pg_wal_replay_pause()")
        .await
        .unwrap();
    write(&store, "b").await;
    let later = place_of_next(&store, &row).await;
    assert_eq!(after(&reader, &later).await.unwrap(), [""; 0]);

    block_in_place(|| {
        server.kill();
        server.start();
    });
    let restarted = PostgresStore::new(server.url()).unwrap();
    assert_eq!(after(&restarted, &begin).await.unwrap(), ["a", "b"]);
    assert_eq!(after(&restarted, &row).await.unwrap(), ["b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_place_is_unknown_after_a_failover_to_a_standby_that_had_not_all() {
    let mut primary = block_in_place(|| ExclusiveServer::new(&ServerOptions::default()));
    let mut standby = block_in_place(|| primary.standby());
    let store = migrated(&primary.url()).await;
    let reader = PostgresStore::new(standby.url()).unwrap();
    let followed = async {
        while reader
            .count(tracker_core::timeline::Filter::project("p"))
            .await
            .is_err()
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, followed)
        .await
        .expect("it follows");
    block_in_place(|| standby.stop());
    write(&store, "lost").await;
    let place = all_settled(&store).await;
    block_in_place(|| {
        primary.kill();
        standby.start();
    });
    standby.promote().await;
    let store = PostgresStore::new(standby.url()).unwrap();
    assert_unknown(&after(&store, &place).await);
    // The new server assigns the same numbers again, and more.
    for number in 0..20 {
        write(&store, &format!("{number}")).await;
    }
    assert_unknown(&after(&store, &place).await);
}

#[tokio::test]
async fn a_role_that_may_not_ask_which_server_it_is_follows_all_the_same() {
    let log = Log::of_process(tracing::Level::WARN);
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let revoke = "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC";
    client.batch_execute(revoke).await.unwrap();
    let owner = migrated(database.url()).await;
    let grants = "GRANT USAGE ON SCHEMA turbobackend TO {role};
        GRANT SELECT ON turbobackend.project_actions TO {role}";
    let reader = PostgresStore::new(database.create_role(grants).await).unwrap();
    let begin = all_settled(&reader).await;
    write(&owner, "a").await;
    assert_eq!(after(&reader, &begin).await.unwrap(), ["a"]);
    let own = database.url().rsplit('/').next().unwrap();
    let said = log.text();
    let said: Vec<_> = said.lines().filter(|line| line.contains(own)).collect();
    let told = |line: &&&str| line.contains("does not tell which one it is");
    assert_eq!(said.iter().filter(told).count(), 1, "{said:#?}");
    // Another table is told from this one still.
    client
        .batch_execute("DROP SCHEMA turbobackend CASCADE")
        .await
        .unwrap();
    owner.migrate().await.unwrap();
    assert_unknown(&after(&owner, &begin).await);
}
