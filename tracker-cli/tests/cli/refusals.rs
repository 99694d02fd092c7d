//! Anything that refuses or hides activities is named. The table is not mistaken for one that is
//! ready, or that is empty.

use tracker_core::{PostgresStore, Store};
use tracker_tests::postgres::TestDatabase;

use crate::support::{Place, numbered};

/// Creates a role for the console, which reads a table whose rows are hidden from it.
async fn hidden() -> (TestDatabase, Place) {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    store.write(vec![numbered(1)].into()).await.unwrap();
    let console = database
        .create_role(
            "GRANT USAGE ON SCHEMA turbobackend TO {role};
            GRANT SELECT, INSERT ON turbobackend.project_actions TO {role};
            ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY",
        )
        .await;
    let place = Place::at(&console);
    (database, place)
}

#[tokio::test]
async fn activities_that_row_level_security_hides_are_no_empty_table() {
    let (_database, place) = hidden().await;
    for arguments in [
        &["list", "-p", "project_7"][..],
        &["tail", "-p", "project_7"],
        &["export"],
        &["export", "-p", "project_7"],
        &["prune", "--older-than", "2d", "--dry-run"],
    ] {
        let said = place.run(arguments).failed(1);
        assert!(
            said.contains("row-level security hides every activity from this role"),
            "{arguments:?}: {said}"
        );
        assert!(said.contains("CREATE POLICY"), "{said}");
    }
    for arguments in [&["migrate", "--check"][..], &["import"]] {
        let said = place.run(arguments).failed(1);
        assert!(
            said.contains("row-level security refuses every activity of this role"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn what_may_refuse_activities_is_noted_where_the_table_is_ready() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    place.run(&["migrate"]).printed();
    let client = database.connect().await;
    client
        .batch_execute(
            "CREATE TABLE turbobackend.projects (project_id VARCHAR PRIMARY KEY);
            ALTER TABLE turbobackend.project_actions
                ADD CONSTRAINT of_a_project FOREIGN KEY (project_id) REFERENCES turbobackend.projects",
        )
        .await
        .unwrap();
    for (arguments, says) in [
        (&["migrate", "--check"][..], " is ready\n"),
        (&["migrate"], " is up to date\n"),
    ] {
        let run = place.run(arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stdout.ends_with(says), "{run:?}");
        assert!(
            run.stderr.starts_with("note: the foreign key of_a_project"),
            "{run:?}"
        );
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
    }
}
