//! The compiler's messages for each mistake. `TRYBUILD=overwrite cargo test --test ui` rewrites
//! them.

#[test]
fn every_mistake_is_explained_where_it_was_made() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
