//! The suite that all stores pass.

use tracker_core::SqliteStore;
use tracker_tests::store_suite;

store_suite!(sqlite, || async {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let store = SqliteStore::open(directory.path().join("tracker.db")).expect("a store");
    (directory, store)
});
