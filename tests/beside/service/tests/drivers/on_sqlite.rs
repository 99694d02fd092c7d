//! The suite for every driver of SQLite.

use std::{future::ready, time::Duration};

use tempfile::TempDir;
use tracker_core::{
    ActionType, Activity, SqliteStore, Store, StoreError, Tracker,
    store::sqlite::rusqlite::Connection, timeline::Query,
};

use super::session::{
    Driver,
    End::{Commit, Rollback},
    Moment, Step,
};

/// A migrated file with a table `work` of the caller's.
pub(crate) struct File {
    directory: TempDir,
}

impl File {
    pub(crate) async fn new() -> Self {
        let file = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        file.store().migrate().await.unwrap();
        let work = "CREATE TABLE work (line TEXT)";
        file.connect().execute_batch(work).unwrap();
        file
    }

    fn path(&self) -> String {
        let path = self.directory.path().join("service.db");
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.path())
    }

    fn store(&self) -> SqliteStore {
        SqliteStore::open(self.path()).unwrap()
    }

    /// Returns a tracker whose own store is the file.
    pub(crate) fn tracker(&self) -> Tracker {
        Tracker::builder().store(self.store()).build().unwrap()
    }

    fn connect(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// Returns the number of the caller's rows and the number of activities.
    pub(crate) fn counts(&self) -> (i64, i64) {
        let sql = "SELECT (SELECT count(*) FROM work), (SELECT count(*) FROM project_actions)";
        let counts = self
            .connect()
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        counts.unwrap()
    }
}

fn activity() -> Activity {
    Activity::new(ActionType::Deployment)
        .project_id("project_7")
        .details("a \"quoted\" détail")
        .reference("deployment_id", "deploy_'7'")
}

pub(crate) async fn an_activity_commits_with_the_transaction_and_reads_back<D: Driver>() {
    let file = File::new().await;
    let activity = activity();
    let steps = vec![Step::Work, Step::Record(activity.clone()), Step::Work];
    let outcomes = D::in_transaction(&file.url(), steps, Commit).await;
    assert!(matches!(outcomes[..], [Ok(())]), "{outcomes:?}");
    assert_eq!(file.counts(), (2, 1));
    let page = file
        .store()
        .timeline(Query::project("project_7"))
        .await
        .unwrap();
    assert_eq!(page.activities, [activity]);
}

pub(crate) async fn an_activity_rolls_back_with_the_transaction<D: Driver>() {
    let file = File::new().await;
    let steps = vec![Step::Work, Step::Record(activity())];
    let outcomes = D::in_transaction(&file.url(), steps, Rollback).await;
    assert!(matches!(outcomes[..], [Ok(())]), "{outcomes:?}");
    assert_eq!(file.counts(), (0, 0));
}

pub(crate) async fn an_activity_is_there_once_however_often_it_is_written<D: Driver>() {
    let file = File::new().await;
    let activity = activity();
    let twice = || {
        vec![
            Step::Record(activity.clone()),
            Step::Record(activity.clone()),
        ]
    };
    let mut outcomes = D::plainly(&file.url(), twice()).await;
    outcomes.extend(D::in_transaction(&file.url(), twice(), Commit).await);
    assert!(
        matches!(outcomes[..], [Ok(()), Ok(()), Ok(()), Ok(())]),
        "{outcomes:?}"
    );
    assert_eq!(file.counts(), (0, 1));
}

pub(crate) async fn a_refused_activity_leaves_the_transaction_usable<D: Driver>() {
    let file = File::new().await;
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON project_actions
                  WHEN NEW.project_id IS NULL BEGIN SELECT RAISE(ABORT, 'no project'); END";
    file.connect().execute_batch(refuse).unwrap();
    let refused = Activity::new(ActionType::Deployment);
    let steps = vec![
        Step::Work,
        Step::Record(refused),
        Step::Record(activity()),
        Step::Work,
    ];
    let outcomes = D::in_transaction(&file.url(), steps, Commit).await;
    assert!(
        matches!(outcomes[..], [Err(StoreError::Refused { .. }), Ok(())]),
        "{outcomes:?}"
    );
    assert_eq!(file.counts(), (2, 1));
}

pub(crate) async fn a_missing_table_leaves_the_transaction_usable<D: Driver>() {
    let file = File::new().await;
    let moved = "ALTER TABLE project_actions RENAME TO moved";
    file.connect().execute_batch(moved).unwrap();
    let steps = vec![Step::Work, Step::Record(activity()), Step::Work];
    let outcomes = D::in_transaction(&file.url(), steps, Commit).await;
    assert!(
        matches!(outcomes[..], [Err(StoreError::NotMigrated { .. })]),
        "{outcomes:?}"
    );
    let back = "ALTER TABLE moved RENAME TO project_actions";
    file.connect().execute_batch(back).unwrap();
    assert_eq!(file.counts(), (2, 0));
}

pub(crate) async fn a_lock_that_another_holds_is_a_timeout_that_names_the_connections_limit<
    D: Driver,
>() {
    let file = File::new().await;
    let other = file.connect();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let limited = vec![
        Step::Execute("PRAGMA busy_timeout = 20"),
        Step::Record(activity()),
    ];
    let outcomes = D::in_transaction(&file.url(), limited, Rollback).await;
    match &outcomes[..] {
        [Err(StoreError::Timeout { after, .. })] => assert_eq!(*after, Duration::from_millis(20)),
        _ => panic!("{outcomes:?}"),
    }
    assert_eq!(file.counts(), (0, 0));
}

pub(crate) async fn an_insert_that_is_dropped_while_it_waits_leaves_the_transaction_usable<
    D: Driver,
>() {
    let file = File::new().await;
    // The insert waits for the lock on a thread of the driver.
    let other = file.connect();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let unlocked: Moment = Box::pin(async move { other.execute_batch("ROLLBACK").unwrap() });
    let steps = vec![
        Step::Drop(activity(), Box::pin(ready(()))),
        Step::Await(unlocked),
        Step::Work,
    ];
    D::in_transaction(&file.url(), steps, Commit).await;
    assert_eq!(file.counts(), (1, 1));
}

/// Declares the suite's tests for a driver.
macro_rules! sqlite_suite {
    ($driver:ty) => {
        sqlite_suite! {
            $driver:
            an_activity_commits_with_the_transaction_and_reads_back
            an_activity_rolls_back_with_the_transaction
            an_activity_is_there_once_however_often_it_is_written
            a_refused_activity_leaves_the_transaction_usable
            a_missing_table_leaves_the_transaction_usable
            a_lock_that_another_holds_is_a_timeout_that_names_the_connections_limit
            an_insert_that_is_dropped_while_it_waits_leaves_the_transaction_usable
        }
    };
    ($driver:ty: $($test:ident)*) => {$(
        #[tokio::test]
        async fn $test() {
            crate::on_sqlite::$test::<$driver>().await;
        }
    )*};
}
pub(crate) use sqlite_suite;
