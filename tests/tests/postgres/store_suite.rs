//! The suite that all stores pass, on a table as it is made and on one in partitions.

use tracker_core::{
    PostgresStore, Store,
    store::postgres::partitions::{Partitioning, Period},
};
use tracker_tests::{postgres::TestDatabase, store_suite};

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
