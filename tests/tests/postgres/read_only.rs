//! A Postgres that is reachable but read-only. Operations fail with a typed error as long as that
//! lasts.

use std::time::Duration;

use tokio::time::timeout;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store, StoreError, store::Batch, timeline::Query,
};
use tracker_tests::{
    errors::all_text,
    postgres::{ExclusiveServer, ServerOptions, TestDatabase},
};
use url::Url;

fn batch() -> Batch {
    vec![Activity::new(ActionType::Deployment).project_id("p")].into()
}

async fn assert_read_only(store: &PostgresStore, says: &str) {
    for error in [
        store.check().await.unwrap_err(),
        store.write(batch()).await.unwrap_err(),
        store.write(batch().retry()).await.unwrap_err(),
    ] {
        let text = all_text(&error);
        assert!(matches!(error, StoreError::ReadOnly { .. }), "{text}");
        assert!(error.is_transient(), "{text}");
        assert!(text.contains("takes no writes"), "{text}");
        assert!(
            text.contains(says) || text.contains("SQLSTATE 25006"),
            "{text}"
        );
    }
    store.timeline(Query::project("p")).await.unwrap();
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_said_to_until_it_does() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    let name = Url::parse(database.url()).unwrap().path()[1..].to_owned();
    let set = async |value: &str| {
        let sql = format!("ALTER DATABASE {name} SET default_transaction_read_only = {value}");
        let client = database.connect().await;
        client
            .batch_execute("SET default_transaction_read_only = off")
            .await
            .unwrap();
        client.batch_execute(&sql).await.unwrap();
    };
    set("on").await;
    let error = store.migrate().await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    set("off").await;
    PostgresStore::new(database.url())
        .unwrap()
        .migrate()
        .await
        .unwrap();
    set("on").await;
    let store = PostgresStore::new(database.url()).unwrap();
    assert_read_only(&store, "default_transaction_read_only is on").await;
    assert_eq!(store.migrate().await.unwrap(), [""; 0]);

    // New sessions are writable. Older ones keep the setting that they began with.
    set("off").await;
    let writable = async {
        while store.check().await.is_err() {}
        while store.write(batch()).await.is_err() {}
    };
    timeout(Duration::from_secs(30), writable).await.unwrap();
}

#[tokio::test]
async fn a_standby_is_said_to_take_no_writes() {
    let mut server = ExclusiveServer::new(&ServerOptions::default());
    let store = PostgresStore::new(server.url()).unwrap();
    store.migrate().await.unwrap();
    server.restart_as_standby();
    // Uses up the earlier connections, each of which fails once.
    while matches!(
        store.timeline(Query::project("p")).await,
        Err(StoreError::Unreachable { .. })
    ) {}
    assert_read_only(&store, "is a standby").await;
}
