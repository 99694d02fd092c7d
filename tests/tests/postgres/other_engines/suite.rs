//! The shared suite of all stores, on engines that speak Postgres's protocol but lack some of its
//! features: each lack alone, and all together.

use tracker_core::PostgresStore;
use tracker_tests::{
    engine::{Lack, OtherEngine},
    postgres::TestDatabase,
    store_suite,
};

async fn without(lacks: &'static [Lack]) -> ((OtherEngine, TestDatabase), PostgresStore) {
    let database = TestDatabase::create().await;
    let engine = OtherEngine::without(lacks, database.url()).await;
    let store = PostgresStore::new(engine.url()).expect("a store");
    ((engine, database), store)
}

store_suite!(without_copy, || without(&[Lack::Copy]));

store_suite!(without_rows_from_arrays, || without(&[Lack::ArraysAsRows]));

store_suite!(without_listening, || without(&[Lack::Listen, Lack::Notify]));

store_suite!(without_delivery, || without(&[Lack::Delivery]));

store_suite!(without_advisory_locks, || without(&[Lack::AdvisoryLocks]));

store_suite!(without_any_of_it, || without(&[
    Lack::CopyAsAWord,
    Lack::ArraysAsRows,
    Lack::Listen,
    Lack::Notify,
    Lack::Locking,
    Lack::BlockRangeIndexes,
    Lack::PathIndexes,
    Lack::Blocks,
    Lack::ReplicaIdentities,
    Lack::TextHashes,
]));
