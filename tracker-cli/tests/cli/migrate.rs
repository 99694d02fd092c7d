//! `tracker migrate`.

use tracker_tests::postgres::TestDatabase;

use crate::support::Place;

#[tokio::test]
async fn migrations_are_named_as_they_are_applied_and_once() {
    let database = TestDatabase::create().await;
    for place in [Place::sqlite(), Place::at(database.url())] {
        assert_eq!(place.run(&["migrate", "--check"]).code, Some(1));
        let applied = place.run(&["migrate"]).printed();
        assert!(applied.starts_with("applied V1__"), "{applied}");
        assert!(applied.ends_with(" is up to date\n"), "{applied}");
        let again = place.run(&["migrate"]).printed();
        assert_eq!(again.lines().count(), 1, "{again}");
        let ready = place.run(&["migrate", "--check"]).printed();
        assert!(ready.ends_with(" is ready\n"), "{ready}");
    }
}

#[tokio::test]
async fn another_schema_has_a_table_of_its_own() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    let schema = ["--schema", "Other one"];
    place.run(&[&schema[..], &["migrate"]].concat()).printed();
    place
        .run(&[&schema[..], &["migrate", "--check"]].concat())
        .printed();
    let said = place.run(&["migrate", "--check"]).failed(1);
    assert!(said.contains("turbobackend"), "{said}");
}
