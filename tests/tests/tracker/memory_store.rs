//! The store in memory, by the suite that all stores pass.

use tracker_core::MemoryStore;
use tracker_tests::store_suite;

store_suite!(memory, || async { ((), MemoryStore::new()) });
