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

#[tokio::test]
async fn an_index_that_was_dropped_is_named_and_made_again() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    place.run(&["migrate"]).printed();
    let drop = "DROP INDEX turbobackend.project_actions_type_seconds, turbobackend.project_actions_created_at";
    let client = database.connect().await;
    client.batch_execute(drop).await.unwrap();
    let check = place.run(&["migrate", "--check"]);
    assert_eq!(check.code, Some(0), "{check:?}");
    let notes: Vec<_> = check.stderr.lines().collect();
    assert_eq!(notes.len(), 2, "{check:?}");
    for (note, index) in notes.iter().zip(["created_at", "type_seconds"]) {
        let begin = format!("note: the index project_actions_{index} is missing");
        assert!(note.starts_with(&begin), "{check:?}");
        assert!(note.contains("`tracker migrate`"), "{check:?}");
    }

    // Who may only write is not kept from that, and makes none.
    let grants = "GRANT USAGE ON SCHEMA turbobackend TO {role};
        GRANT INSERT ON turbobackend.project_actions TO {role};
        GRANT SELECT ON turbobackend.tracker_schema_history TO {role}";
    let worker = Place::at(&database.create_role(grants).await);
    let said = worker.run(&["migrate"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(said.stderr.lines().count(), 2, "{said:?}");

    let made = place.run(&["migrate"]).printed();
    let applied: Vec<_> = made.lines().take(2).collect();
    let expected = [
        "applied V6__index_created_at",
        "applied V11__index_type_seconds",
    ];
    assert_eq!(applied, expected);
    assert_eq!(place.run(&["migrate"]).printed().lines().count(), 1);

    // Of a table in partitions, the statement is named.
    place.run(&["migrate", "--partition-by", "day"]).printed();
    client
        .batch_execute("DROP INDEX turbobackend.project_actions_seconds")
        .await
        .unwrap();
    let named = place.run(&["migrate"]);
    assert_eq!(named.stdout.lines().count(), 1, "{named:?}");
    let statement = named.stderr.trim_end().rsplit_once(", with ").unwrap().1;
    let expected = "CREATE INDEX project_actions_seconds ON \"turbobackend\".project_actions \
        (project_id COLLATE \"C\", (created_at >> 10));";
    assert_eq!(statement, expected);
    client.batch_execute(statement).await.unwrap();
    assert_eq!(place.run(&["migrate"]).printed().lines().count(), 1);
}
