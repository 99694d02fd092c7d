//! Captures of work that records on a client of the caller's.

use std::{
    future::ready,
    panic::catch_unwind,
    sync::atomic::{AtomicUsize, Ordering},
};

use tracker_core::{
    ActionType, Activity, Client, PostgresStore, StoreError, Tracker,
    store::{BoxFuture, DEFAULT_SCHEMA},
    testing::{capture, expect_activity},
    tracked,
};

/// A client that takes a number of activities and refuses the rest.
struct Transaction {
    room: AtomicUsize,
}

impl Transaction {
    fn with_room(activities: usize) -> Self {
        Self {
            room: activities.into(),
        }
    }
}

impl Client for &Transaction {
    fn insert<'a>(self, _: &str, _: Activity) -> BoxFuture<'a, Result<(), StoreError>>
    where
        Self: 'a,
    {
        let less = |room: usize| room.checked_sub(1);
        let order = Ordering::SeqCst;
        let taken = self.room.fetch_update(order, order, less);
        let refused = |_| StoreError::Refused {
            store: "a transaction".to_owned(),
            source: "expected by this test".into(),
        };
        Box::pin(ready(taken.map(|_| ()).map_err(refused)))
    }
}

#[tracked(action = "database_created", client = tx, details = "{number}")]
async fn on_client(tx: &Transaction, number: usize) {}

#[tracked(action = "database_created", client = tx, or_journal, details = "{number}")]
async fn on_client_or_not(tx: &Transaction, number: usize) {}

#[tracked(action = "database_created", details = "{number}")]
async fn through_the_tracker(number: usize) {}

#[tokio::test]
async fn what_a_client_has_taken_is_captured_in_its_place_and_told_apart() {
    let tx = Transaction::with_room(2);
    let ((), activities) = capture(async {
        through_the_tracker(0).await;
        on_client(&tx, 1).await;
        through_the_tracker(2).await;
        let tracker = Tracker::current().expect("captured work has a tracker");
        let by_hand = Activity::new(ActionType::DatabaseCreated).details("3");
        tracker.record_in(&tx, by_hand).await;
        through_the_tracker(4).await;
    })
    .await;
    let seen: Vec<_> = activities
        .iter()
        .map(|activity| {
            let details = activity.action_details.as_deref().expect("details");
            (details, activities.is_on_client(activity))
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("0", false),
            ("1", true),
            ("2", false),
            ("3", true),
            ("4", false)
        ]
    );
    let expected = expect_activity("database_created").on_client();
    for number in [1, 3] {
        let expected = expected.clone().details(number);
        expected.assert_recorded_once(&activities);
    }
    expected.clone().details(2).assert_not_recorded(&activities);
    // Only `Captured` knows the destinations. A single activity or a slice does not.
    assert!(!expected.matches(&activities[1]));
    expected.assert_not_recorded(&activities[..]);
}

#[tokio::test]
async fn what_a_client_refuses_is_captured_only_where_it_goes_through_the_tracker() {
    let tx = Transaction::with_room(0);
    let ((), activities) = capture(async {
        on_client(&tx, 1).await;
        on_client_or_not(&tx, 2).await;
    })
    .await;
    assert_eq!(activities.len(), 1);
    expect_activity("database_created")
        .details(2)
        .assert_recorded_once(&activities);
    expect_activity("database_created")
        .on_client()
        .assert_not_recorded(&activities);
}

#[tokio::test]
async fn the_report_says_where_activities_went() {
    let tx = Transaction::with_room(1);
    let ((), activities) = capture(async {
        on_client(&tx, 1).await;
        through_the_tracker(2).await;
    })
    .await;
    let expected = expect_activity("database_created").on_client().details(2);
    let panic = catch_unwind(|| {
        expected.assert_recorded(&activities);
    });
    let message = panic.expect_err("2 went to the store");
    let message = message.downcast_ref::<String>().expect("a report");
    assert_eq!(
        message,
        r#"no activity like this was recorded:
    action_type = "database_created"
    place = "client"
    action_details = "2"
the nearest is 1, but its
    action_details is "1"
2 activities were recorded:
 1. database_created success action_details="1" on the caller's client
 2. database_created success action_details="2""#
    );
}

/// A client that remembers the schema of each insert.
#[derive(Default)]
struct Schemas(Vec<String>);

impl Client for &mut Schemas {
    fn insert<'a>(self, schema: &str, _: Activity) -> BoxFuture<'a, Result<(), StoreError>>
    where
        Self: 'a,
    {
        self.0.push(schema.to_owned());
        Box::pin(ready(Ok(())))
    }
}

#[tracked(action = "database_created", client = schemas)]
async fn in_a_schema(schemas: &mut Schemas) {}

#[tokio::test]
async fn a_client_is_given_the_schema_of_the_tracker_around() {
    let store = PostgresStore::builder("postgres://nobody@127.0.0.1:1/nowhere")
        .schema("audit")
        .build()
        .unwrap();
    let tracker = Tracker::builder().store(store).build().unwrap();
    let mut schemas = Schemas::default();
    capture(in_a_schema(&mut schemas)).await;
    tracker.scope(capture(in_a_schema(&mut schemas))).await;
    assert_eq!(schemas.0, [DEFAULT_SCHEMA, "audit"]);
}
