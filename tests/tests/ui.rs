//! What the compiler says to each mistake. `TRYBUILD=overwrite cargo test --test ui` rewrites the messages.

#[test]
fn every_mistake_is_explained_where_it_was_made() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
