//! The suite for every driver of Postgres.

use tokio_postgres::Client;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store, StoreError, Tracker, timeline::Query,
};
use tracker_tests::postgres::{TestDatabase, eventually};

use super::session::{
    Driver,
    End::{Commit, Rollback},
    Moment, Step, WORK,
};

/// A driver of Postgres, with the traits in which drivers differ.
pub(crate) trait PostgresDriver: Driver {
    /// True if the driver's errors carry the server's SQLSTATE.
    const TELLS_SQLSTATE: bool;
    /// True if an insert that was sent is undone when its future is dropped.
    const UNDOES_WHAT_WAS_SENT: bool;
}

/// Creates a migrated database with a table `work` of the caller's.
pub(crate) async fn database() -> (TestDatabase, Client) {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    let work = "CREATE TABLE work (line TEXT)";
    client.batch_execute(work).await.unwrap();
    (database, client)
}

/// Returns the URL of a role that may insert work and see the schema, but not insert activities.
async fn without_insert(database: &TestDatabase) -> String {
    let grants = "GRANT INSERT ON work TO {role}; GRANT USAGE ON SCHEMA turbobackend TO {role}";
    database.create_role(grants).await
}

fn activity() -> Activity {
    Activity::new(ActionType::Deployment)
        .project_id("project_7")
        .details("a \"quoted\" détail")
        .reference("deployment_id", "deploy_'7'")
}

/// Returns an activity that the table refuses.
fn refused() -> Activity {
    activity().details("a\0b")
}

/// Returns a tracker whose own store is the database.
pub(crate) fn tracker(database: &TestDatabase) -> Tracker {
    let store = PostgresStore::new(database.url()).unwrap();
    Tracker::builder().store(store).build().unwrap()
}

/// Returns the number of the caller's rows and the number of activities.
pub(crate) async fn counts(client: &Client) -> (i64, i64) {
    let sql =
        "SELECT (SELECT count(*) FROM work), (SELECT count(*) FROM turbobackend.project_actions)";
    let row = client.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1))
}

pub(crate) async fn an_activity_commits_with_the_transaction_and_reads_back<D: PostgresDriver>() {
    let (database, client) = database().await;
    let activity = activity();
    let steps = vec![Step::Work, Step::Record(activity.clone()), Step::Work];
    let outcomes = D::in_transaction(database.url(), steps, Commit).await;
    assert!(matches!(outcomes[..], [Ok(())]), "{outcomes:?}");
    assert_eq!(counts(&client).await, (2, 1));
    let store = PostgresStore::new(database.url()).unwrap();
    let page = store.timeline(Query::project("project_7")).await.unwrap();
    assert_eq!(page.activities, [activity]);
}

pub(crate) async fn an_activity_rolls_back_with_the_transaction<D: PostgresDriver>() {
    let (database, client) = database().await;
    let steps = vec![Step::Work, Step::Record(activity())];
    let outcomes = D::in_transaction(database.url(), steps, Rollback).await;
    assert!(matches!(outcomes[..], [Ok(())]), "{outcomes:?}");
    assert_eq!(counts(&client).await, (0, 0));
}

pub(crate) async fn an_activity_is_there_once_however_often_it_is_written<D: PostgresDriver>() {
    let (database, client) = database().await;
    let activity = activity();
    let twice = || {
        vec![
            Step::Record(activity.clone()),
            Step::Record(activity.clone()),
        ]
    };
    let mut outcomes = D::plainly(database.url(), twice()).await;
    outcomes.extend(D::in_transaction(database.url(), twice(), Commit).await);
    assert!(
        matches!(outcomes[..], [Ok(()), Ok(()), Ok(()), Ok(())]),
        "{outcomes:?}"
    );
    assert_eq!(counts(&client).await, (0, 1));
}

pub(crate) async fn a_refused_activity_and_a_missing_table_leave_the_transaction_usable<
    D: PostgresDriver,
>() {
    let (database, client) = database().await;
    let steps = vec![
        Step::Work,
        Step::Record(refused()),
        Step::Work,
        Step::RecordIn("elsewhere", activity()),
        Step::Work,
        Step::Record(activity()),
    ];
    let outcomes = D::in_transaction(database.url(), steps, Commit).await;
    assert!(
        matches!(outcomes[..], [Err(_), Err(_), Ok(())]),
        "{outcomes:?}"
    );
    assert_eq!(counts(&client).await, (3, 1));
}

pub(crate) async fn a_role_without_insert_can_still_commit_its_work<D: PostgresDriver>() {
    let (database, client) = database().await;
    let url = without_insert(&database).await;
    let steps = vec![Step::Work, Step::Record(activity()), Step::Work];
    let outcomes = D::in_transaction(&url, steps, Commit).await;
    assert!(matches!(outcomes[..], [Err(_)]), "{outcomes:?}");
    assert_eq!(counts(&client).await, (2, 0));
}

pub(crate) async fn a_connection_in_no_transaction_writes_at_once_and_tells_what_is_wrong<
    D: PostgresDriver,
>() {
    let (database, client) = database().await;
    let steps = vec![
        Step::Record(activity()),
        Step::Record(refused()),
        Step::RecordIn("else\"where", activity()),
        Step::Work,
        Step::Record(activity()),
    ];
    let outcomes = D::plainly(database.url(), steps).await;
    let denied = D::plainly(
        &without_insert(&database).await,
        vec![Step::Record(activity())],
    )
    .await;
    match (&outcomes[..], &denied[..]) {
        (
            [
                Ok(()),
                Err(StoreError::Refused { .. }),
                Err(StoreError::NotMigrated { .. }),
                Ok(()),
            ],
            [Err(StoreError::Denied { .. })],
        ) if D::TELLS_SQLSTATE => {}
        (
            [
                Ok(()),
                Err(StoreError::Failed { .. }),
                Err(StoreError::Failed { .. }),
                Ok(()),
            ],
            [Err(StoreError::Failed { .. })],
        ) if !D::TELLS_SQLSTATE => {}
        _ => panic!("{outcomes:?}, {denied:?}"),
    }
    assert_eq!(counts(&client).await, (1, 2));
}

pub(crate) async fn a_transaction_that_failed_before_stays_failed<D: PostgresDriver>() {
    let (database, client) = database().await;
    let steps = vec![
        Step::Work,
        Step::Fail("SELECT * FROM nowhere"),
        Step::Record(activity()),
        Step::Fail(WORK),
    ];
    let outcomes = D::in_transaction(database.url(), steps, Rollback).await;
    assert!(matches!(outcomes[..], [Err(_)]), "{outcomes:?}");
    assert_eq!(counts(&client).await, (0, 0));
}

pub(crate) async fn an_insert_that_is_dropped_at_once_leaves_the_transaction_usable<
    D: PostgresDriver,
>() {
    let (database, client) = database().await;
    let mut steps = vec![Step::Work];
    // A failure after the drop reaches the next statement if the driver undoes nothing.
    let second = if D::UNDOES_WHAT_WAS_SENT {
        refused()
    } else {
        activity()
    };
    for activity in [activity(), second] {
        steps.push(Step::PollOnce(activity));
        steps.push(Step::Work);
    }
    D::in_transaction(database.url(), steps, Commit).await;
    let (work, activities) = counts(&client).await;
    assert_eq!(work, 3);
    // The server may answer within that one poll, so the insert may be in flight or even complete.
    let kept_max = if D::UNDOES_WHAT_WAS_SENT { 0 } else { 2 };
    assert!(activities <= kept_max, "{activities}");
}

/// Returns a session that has inserted the activity in a transaction that is still open. Another
/// insert of the same activity waits until that transaction ends.
async fn undecided(database: &TestDatabase, activity: &Activity) -> Client {
    let session = database.connect().await;
    let insert = format!(
        "BEGIN; INSERT INTO turbobackend.project_actions (action_id) VALUES ('{}')",
        activity.action_id
    );
    session.batch_execute(&insert).await.unwrap();
    session
}

/// Returns a future that completes when a session of the database waits for a lock.
async fn waiting(database: &TestDatabase) -> Moment {
    let observer = database.connect().await;
    Box::pin(async move {
        let asked = "SELECT count(*) = 1 FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event_type = 'Lock'";
        eventually(&observer, asked).await;
    })
}

/// Returns a future that completes when the statements have been executed.
fn executed(session: Client, sql: &'static str) -> Moment {
    Box::pin(async move { session.batch_execute(sql).await.unwrap() })
}

pub(crate) async fn an_insert_that_is_dropped_while_it_waits_leaves_the_transaction_usable<
    D: PostgresDriver,
>() {
    let (database, client) = database().await;
    let activity = activity();
    let other = undecided(&database, &activity).await;
    let steps = vec![
        Step::Work,
        Step::Drop(activity, waiting(&database).await),
        Step::Await(executed(other, "ROLLBACK")),
        Step::Work,
    ];
    D::in_transaction(database.url(), steps, Commit).await;
    let kept = i64::from(!D::UNDOES_WHAT_WAS_SENT);
    assert_eq!(counts(&client).await, (2, kept));
}

pub(crate) async fn an_insert_that_fails_after_it_was_dropped_is_undone_or_told_at_once<
    D: PostgresDriver,
>() {
    let (database, client) = database().await;
    let activity = activity();
    let _other = undecided(&database, &activity).await;
    let cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity
                  WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut steps = vec![
        Step::Work,
        Step::Drop(activity, waiting(&database).await),
        Step::Await(executed(database.connect().await, cancel)),
    ];
    let (end, work) = if D::UNDOES_WHAT_WAS_SENT {
        steps.push(Step::Work);
        (Commit, 2)
    } else {
        // The next statement fails in place of the insert, so that the caller does not take the
        // work as done.
        steps.push(Step::Fail(WORK));
        (Rollback, 0)
    };
    D::in_transaction(database.url(), steps, end).await;
    assert_eq!(counts(&client).await, (work, 0));
}

/// Declares the suite's tests for a driver.
macro_rules! postgres_suite {
    ($driver:ty) => {
        postgres_suite! {
            $driver:
            an_activity_commits_with_the_transaction_and_reads_back
            an_activity_rolls_back_with_the_transaction
            an_activity_is_there_once_however_often_it_is_written
            a_refused_activity_and_a_missing_table_leave_the_transaction_usable
            a_role_without_insert_can_still_commit_its_work
            a_connection_in_no_transaction_writes_at_once_and_tells_what_is_wrong
            a_transaction_that_failed_before_stays_failed
            an_insert_that_is_dropped_at_once_leaves_the_transaction_usable
            an_insert_that_is_dropped_while_it_waits_leaves_the_transaction_usable
            an_insert_that_fails_after_it_was_dropped_is_undone_or_told_at_once
        }
    };
    ($driver:ty: $($test:ident)*) => {$(
        #[tokio::test]
        async fn $test() {
            crate::on_postgres::$test::<$driver>().await;
        }
    )*};
}
pub(crate) use postgres_suite;
