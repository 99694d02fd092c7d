//! Anything that refuses or hides activities is named. The table is not mistaken for one that is
//! ready, or that is empty.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

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
        assert!(
            said.contains("CREATE POLICY … ON \"turbobackend\".project_actions FOR SELECT"),
            "{said}"
        );
    }
    for arguments in [&["migrate", "--check"][..], &["import"]] {
        let said = place.run(arguments).failed(1);
        assert!(
            said.contains("row-level security refuses every activity of this role"),
            "{said}"
        );
    }
}

/// The URL of a server that gives each login the same answer, and how many logins there were.
fn answering(answer: impl Into<Vec<u8>>) -> (String, Arc<AtomicUsize>) {
    let answer = answer.into();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let logins = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&logins);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The client may go away at any point.
            let _ = stream.read(&mut [0; 1_024]);
            counted.fetch_add(1, Ordering::Relaxed);
            let _ = stream.write_all(&answer);
        }
    });
    let url = format!("postgres://worker@{address}/app?sslmode=disable&pool_timeout=3");
    (url, logins)
}

#[test]
fn a_password_that_is_asked_for_and_not_given_is_told_with_the_ways_to_give_one() {
    // AuthenticationCleartextPassword.
    let (url, _) = answering(*b"R\0\0\0\x08\0\0\0\x03");
    let said = Place::at(&url).run(&["list", "-p", "x"]).failed(1);
    assert!(
        said.contains("the server asks for a password, and none is given"),
        "{said}"
    );
    for way in ["postgres://USER:", "PGPASSWORD", "~/.pgpass"] {
        assert!(said.contains(way), "{said}");
    }
    assert!(!said.contains("invalid configuration"), "{said}");
}

#[test]
fn a_server_without_a_free_connection_is_asked_less_and_less_often() {
    let fields = b"SFATAL\0VFATAL\0C53300\0Mtoo many connections for role\0\0";
    let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
    let (url, logins) = answering([&b"E"[..], &length, fields].concat());
    let said = Place::at(&url).run(&["list", "-p", "x"]).failed(1);
    assert!(said.contains("all its connections are taken"), "{said}");
    let logins = logins.load(Ordering::Relaxed);
    assert!((3..=12).contains(&logins), "{logins}");
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
