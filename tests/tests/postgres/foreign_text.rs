//! Rows whose text is not valid UTF-8. Each is shown, and hides no other.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;
use tokio_postgres::Client;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store,
    store::Watch,
    timeline::{Arrivals, Counting, Filter, Order, Place, Query, UtcOffsets},
};
use tracker_tests::{arrivals::all_settled, partitions::partitioned, postgres::TestDatabase};

/// The rows in the order of their times. Text that is not UTF-8 is Latin-1.
const ROWS: &str = r#"INSERT INTO turbobackend.project_actions VALUES
    ('a', 'p', 'u', 'r', 'deployment', 'plain', 'success', 'e', '{"n": 1}', 1),
    ('b', 'p', E'u\xe9', E'\xff', E'd\xe9ploy', E'caf\xe9', E'\xe9', E'\xe9', E'{"\xe9": "caf\xe9", "n": 2}', 2),
    ('c', 'p', 'u', 'r', 'deployment', 'café ✓', 'success', 'e', NULL, 3),
    (E'd\xe9', 'p', 'u', 'r', 'deployment', 'nothing can name it', 'success', 'e', NULL, 4),
    ('é', 'p', 'u', 'r', 'deployment', E'\xe9', 'success', 'e', NULL, 5),
    ('f', 'p', 'u', 'r', 'deployment', E'\xe9', 'success', 'e', NULL, NULL)"#;

async fn ascii() -> (TestDatabase, Client) {
    let database = TestDatabase::create_with("ENCODING 'SQL_ASCII'").await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    (database, client)
}

fn ids(rows: &[Activity]) -> Vec<&str> {
    rows.iter().map(|row| &*row.action_id).collect()
}

async fn paged(store: &PostgresStore, query: Query) -> Vec<Activity> {
    let mut found = Vec::new();
    let mut next = Some(query.clone());
    while let Some(query_of_page) = next {
        let page = store.timeline(query_of_page).await.unwrap();
        found.extend(page.activities);
        next = page.next.map(|cursor| query.clone().after(cursor));
        assert!(found.len() < 100, "a cursor leads back");
    }
    found
}

/// Checks reads of a store that does not know the rows yet. They arrived after the given place.
async fn check(store: impl Fn() -> PostgresStore, after: Place) {
    for limit in [1, 2, 10] {
        let query = Query::project("p").limit(limit);
        let newest = paged(&store(), query.clone()).await;
        assert_eq!(ids(&newest), ["é", "c", "b", "a", "f"]);
        let oldest = paged(&store(), query.order(Order::Oldest)).await;
        assert_eq!(ids(&oldest), ["f", "a", "b", "c", "é"]);
    }
    let odd = store().activity("p", "b").await.unwrap().unwrap();
    assert_eq!(odd.user_id.as_deref(), Some("u\u{FFFD}"));
    assert_eq!(odd.request_id.as_deref(), Some("\u{FFFD}"));
    assert_eq!(odd.action_type.as_deref(), Some("d\u{FFFD}ploy"));
    assert_eq!(odd.action_details.as_deref(), Some("caf\u{FFFD}"));
    assert_eq!(odd.status, Some("\u{FFFD}".into()));
    assert_eq!(odd.environment.as_deref(), Some("\u{FFFD}"));
    assert_eq!(
        odd.reference_ids.to_json(),
        json!({"\u{FFFD}": "caf\u{FFFD}", "n": 2})
    );
    // Valid UTF-8 is unchanged, even on the same page.
    let page = store().timeline(Query::project("p")).await.unwrap();
    assert_eq!(page.activities[1].action_details.as_deref(), Some("café ✓"));
    let text = Filter::project("p").text("CAFÉ").user_id("u");
    assert_eq!(store().count(text).await.unwrap(), 0);
    let text = Filter::project("p").text("Café").user_id("u");
    assert_eq!(ids(&paged(&store(), text.into()).await), ["c"]);

    let all = store().scan(None, 100).await.unwrap();
    assert_eq!(ids(&all), ["a", "b", "c", "f", "é"]);
    let rest = store().scan(Some("f".into()), 100).await.unwrap();
    assert_eq!(ids(&rest), ["é"]);
    let days = store()
        .counts(Counting::by_day(
            Filter::project("p"),
            UtcOffsets::default(),
        ))
        .await
        .unwrap();
    let odd = days
        .iter()
        .find(|day| day.action_type.as_deref() == Some("d\u{FFFD}ploy"));
    assert_eq!(odd.map(|day| day.all.count), Some(1));

    let store = store();
    let until = all_settled(&store).await;
    let arrivals = Arrivals::new(vec!["p".into()], after, until);
    let arrived = store.arrivals(arrivals.created_after(0)).await.unwrap();
    let arrived: Vec<_> = arrived.into_iter().map(|(_, row)| row).collect();
    assert_eq!(ids(&arrived), ["a", "b", "c", "é"]);
}

#[tokio::test]
async fn bytes_that_are_no_utf8_hide_neither_their_row_nor_others() {
    let (database, client) = ascii().await;
    let store = || PostgresStore::new(database.url()).unwrap();
    let after = all_settled(&store()).await;
    client.batch_execute(ROWS).await.unwrap();
    check(store, after).await;
}

#[tokio::test]
async fn nor_in_a_table_in_partitions() {
    let database = TestDatabase::create_with("ENCODING 'SQL_ASCII'").await;
    drop(partitioned(database.url()).await);
    let client = database.connect().await;
    client.batch_execute(ROWS).await.unwrap();
    let store = || PostgresStore::new(database.url()).unwrap();
    for limit in [1, 10] {
        let found = paged(&store(), Query::project("p").limit(limit)).await;
        assert_eq!(ids(&found), ["é", "c", "b", "a", "f"]);
    }
}

#[tokio::test]
async fn a_notification_that_is_no_utf8_ends_a_watch_and_the_next_one_hears() {
    let (database, client) = ascii().await;
    let store = PostgresStore::new(database.url()).unwrap();
    let changed = async |watch: &mut Box<dyn Watch>| {
        let changed = timeout(Duration::from_mins(1), watch.changed()).await;
        changed.expect("news")
    };
    // The first change reports that the watch listens, because rows may have arrived before.
    let mut watch = store.watch().await.unwrap();
    changed(&mut watch).await.unwrap();
    // The payload makes Postgres end the connection of each listener.
    let notify = r"SELECT pg_notify('project_actions', E'\xe9')";
    client.batch_execute(notify).await.unwrap();
    while let Ok(None) = changed(&mut watch).await {}

    let mut watch = store.watch().await.unwrap();
    changed(&mut watch).await.unwrap();
    let activity = Activity::new(ActionType::Deployment).project_id("p");
    let created_at = activity.created_at;
    store.write(vec![activity].into()).await.unwrap();
    while changed(&mut watch).await.unwrap() != created_at {}
}

#[tokio::test]
async fn what_a_reader_may_not_is_told_as_ever() {
    let (database, client) = ascii().await;
    client.batch_execute(ROWS).await.unwrap();
    let reader = database
        .create_role(
            "GRANT USAGE ON SCHEMA turbobackend TO {role};
             GRANT SELECT ON turbobackend.project_actions TO {role}",
        )
        .await;
    let store = PostgresStore::new(reader).unwrap();
    assert_eq!(store.scan(None, 100).await.unwrap().len(), 5);
    let revoke = "REVOKE ALL ON turbobackend.project_actions FROM PUBLIC;
        ALTER TABLE turbobackend.project_actions RENAME TO elsewhere";
    client.batch_execute(revoke).await.unwrap();
    let error = store.scan(None, 100).await.unwrap_err();
    assert!(
        matches!(error, tracker_core::StoreError::NotMigrated { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn characters_that_utf8_has_not_hide_no_row_in_another_encoding() {
    let database = TestDatabase::create_with("ENCODING 'WIN1252'").await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    // WIN1252 has no character 81, and Postgres stores it all the same.
    let rows = r"INSERT INTO turbobackend.project_actions (action_id, project_id, action_details, created_at) VALUES
        ('a', 'p', E'caf\xe9 \x81', 1), ('b', 'p', 'plain', 2), ('c', 'q', E'caf\xe9', 3)";
    client.batch_execute(rows).await.unwrap();
    let details = async |project: &str| {
        let page = store.timeline(Query::project(project)).await.unwrap();
        let details = page
            .activities
            .into_iter()
            .filter_map(|row| row.action_details);
        details.collect::<Vec<_>>()
    };
    assert_eq!(details("p").await, ["plain", "caf\u{FFFD} \u{FFFD}"]);
    // A project without such text keeps every character.
    assert_eq!(details("q").await, ["café"]);
}
