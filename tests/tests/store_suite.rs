//! The shared suite, on each store.

use tracker_core::{
    MemoryStore, PostgresStore, SqliteStore, Store,
    store::postgres::partitions::{Partitioning, Period},
};
use tracker_tests::{postgres::TestDatabase, store_suite};

store_suite!(memory, || async { ((), MemoryStore::new()) });

store_suite!(sqlite, || async {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = SqliteStore::open(directory.path().join("tracker.db")).expect("a store");
    (directory, store)
});

store_suite!(postgres, || async {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).expect("a store");
    (database, store)
});

store_suite!(partitioned, || async {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).expect("a store");
    store.migrate().await.expect("a table");
    let partitioned = store.partition(Partitioning::by(Period::Month), |_| ());
    partitioned.await.expect("a table in partitions");
    (database, store)
});
