//! The store in memory, by the suite that all stores pass.

use tracker_core::MemoryStore;
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    store_suite::{self, Failure, blocks},
};

tracker_tests::store_suite!(memory, || async { ((), MemoryStore::new()) });

/// Runs a behaviour on a store that leaves blocks to the trait, which reads them by plain pages.
macro_rules! by_plain_pages {
    ($($behaviour:ident),* $(,)?) => {
        mod by_plain_pages {
            use super::*;

            $(#[test]
            fn $behaviour() -> Result<(), Failure> {
                let store = || async { ((), FaultyStore::new(|_, _| Fault::None)) };
                store_suite::run(store, blocks::$behaviour)
            })*
        }
    };
}

by_plain_pages! {
    pages_of_blocks_are_those_of_plain_rust_whatever_arrives,
    newer_arrivals_neither_repeat_nor_change_a_block,
    a_long_request_is_one_block_of_its_newest_rows,
    a_block_has_rows_of_its_own_request_and_project_alone,
}
