//! Temporary refusals of a real Postgres, and their handling.

use std::time::Duration;

use tempfile::TempDir;
use tokio_postgres::Client;
use tracker_core::{ActionType, Activity, PostgresStore, Store, StoreError, Tracker, journal};
use tracker_tests::{
    postgres::{TestDatabase, eventually},
    process::wait_until,
    quick::quick,
};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(1);

/// Adds a foreign key from activities to the projects of another program.
const PROJECTS: &str = "
    CREATE TABLE turbobackend.projects (project_id VARCHAR PRIMARY KEY);
    INSERT INTO turbobackend.projects VALUES ('old');
    ALTER TABLE turbobackend.project_actions
        ADD CONSTRAINT of_a_project FOREIGN KEY (project_id) REFERENCES turbobackend.projects;
";

async fn migrated(statements: &str) -> (TestDatabase, Client) {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    client.batch_execute(statements).await.unwrap();
    (database, client)
}

fn of_project(project: &str) -> Activity {
    Activity::new(ActionType::ProjectCreated).project_id(project)
}

fn tracker(url: &str, journal: Option<&TempDir>, limit: Duration) -> Tracker {
    let tracker = quick(PostgresStore::new(url).unwrap()).missing_reference_wait(limit);
    let tracker = match journal {
        Some(directory) => tracker.journal(directory.path()),
        None => tracker,
    };
    tracker.build().unwrap()
}

async fn rows(client: &Client) -> i64 {
    let query = "SELECT count(*) FROM turbobackend.project_actions";
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// Records activities of a project that an open transaction creates, beside others that are stored
/// meanwhile.
async fn record_in_an_open_transaction(tracker: &Tracker, client: &Client) {
    client
        .batch_execute("BEGIN; INSERT INTO turbobackend.projects VALUES ('new')")
        .await
        .unwrap();
    for project in ["old", "new", "old"] {
        tracker.record(of_project(project));
    }
    wait_until(LIMIT, "the others are stored", || {
        tracker.stats().stored == 2
    });
}

#[tokio::test]
async fn an_activity_of_a_project_that_is_not_committed_yet_arrives_when_it_is() {
    let directory = tempfile::tempdir().unwrap();
    for journal in [None, Some(&directory)] {
        let (database, client) = migrated(PROJECTS).await;
        let tracker = tracker(database.url(), journal, LIMIT);
        record_in_an_open_transaction(&tracker, &client).await;
        let stats = tracker.stats();
        assert_eq!(stats.queued + stats.journaled, 1, "{stats:?}");
        client.batch_execute("COMMIT").await.unwrap();
        tracker.flush().await;
        let stats = tracker.shutdown(LIMIT).await;
        assert_eq!((stats.stored, stats.dead_lettered), (3, 0), "{stats:?}");
        assert_eq!(rows(&client).await, 3);
    }
}

#[tokio::test]
async fn an_activity_of_a_project_that_is_never_committed_is_put_aside_at_its_limit() {
    let directory = tempfile::tempdir().unwrap();
    let (database, client) = migrated(PROJECTS).await;
    let tracker = tracker(database.url(), Some(&directory), Duration::from_millis(200));
    record_in_an_open_transaction(&tracker, &client).await;
    client.batch_execute("ROLLBACK").await.unwrap();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.dead_lettered), (2, 1), "{stats:?}");
    let letters = journal::dead_letters(directory.path(), 10).unwrap();
    assert_eq!(letters[0].activity.project_id.as_deref(), Some("new"));
    let reason = &letters[0].reason;
    assert!(reason.contains("SQLSTATE 23503"), "{reason}");
    assert!(reason.contains("of_a_project"), "{reason}");
}

/// Returns the number of transactions that were rolled back in this database. The server's counter
/// is up to a second late.
async fn rolled_back(client: &Client) -> i64 {
    let query = "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()";
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// Waits until the store has failed more often than three retries and the halving of a batch
/// explain.
async fn fail_often(watcher: &Client) {
    let enough = rolled_back(watcher).await + 15;
    let question = format!(
        "SELECT xact_rollback >= {enough} FROM pg_stat_database WHERE datname = current_database()"
    );
    eventually(watcher, &question).await;
}

#[tokio::test]
async fn a_table_that_is_locked_for_longer_than_the_servers_limits_and_all_retries_loses_nothing() {
    let (database, client) = migrated("").await;
    let watcher = database.connect().await;
    let query = "SELECT current_setting('server_version_num')::integer >= 170000";
    let has_transaction_timeout: bool = watcher.query_one(query, &[]).await.unwrap().get(0);
    let mut settings = vec!["lock_timeout = '20ms'"];
    if has_transaction_timeout {
        settings.push("transaction_timeout = '200ms'");
    }
    for (setting, all) in settings.into_iter().zip([100, 200]) {
        let grants = format!(
            "GRANT USAGE ON SCHEMA turbobackend TO {{role}};
            GRANT INSERT ON turbobackend.project_actions TO {{role}};
            ALTER ROLE {{role}} SET {setting}"
        );
        let worker = database.create_role(&grants).await;
        client
            .batch_execute("BEGIN; LOCK TABLE turbobackend.project_actions")
            .await
            .unwrap();
        let tracker = tracker(&worker, None, Duration::ZERO);
        for _ in 0..100 {
            tracker.record(of_project("project_7"));
        }
        fail_often(&watcher).await;
        let stats = tracker.stats();
        assert_eq!((stats.queued, stats.dropped.total()), (100, 0), "{stats:?}");
        client.batch_execute("COMMIT").await.unwrap();
        let stats = tracker.shutdown(LIMIT).await;
        assert_eq!((stats.stored, stats.dropped.total()), (100, 0), "{stats:?}");
        assert_eq!(rows(&client).await, all);
    }
}

/// Adds a trigger that calls a missing function. It refuses every row until somebody fixes it.
const BROKEN: &str = "
    CREATE FUNCTION turbobackend.audit() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM turbobackend.no_such_function(); RETURN NEW; END $$;
    CREATE TRIGGER audit BEFORE INSERT ON turbobackend.project_actions
        FOR EACH ROW EXECUTE FUNCTION turbobackend.audit();
";
const MENDED: &str =
    "CREATE FUNCTION turbobackend.no_such_function() RETURNS void LANGUAGE sql AS ''";

#[tokio::test]
async fn a_trigger_that_is_broken_is_waited_for_until_it_is_mended() {
    let (database, client) = migrated(BROKEN).await;
    let store = PostgresStore::new(database.url()).unwrap();
    let error = store.write(vec![of_project("p")].into()).await.unwrap_err();
    assert!(matches!(error, StoreError::Broken { .. }), "{error:?}");
    let tracker = tracker(database.url(), None, Duration::ZERO);
    for _ in 0..20 {
        tracker.record(of_project("project_7"));
    }
    fail_often(&client).await;
    assert_eq!(tracker.stats().queued, 20);
    client.batch_execute(MENDED).await.unwrap();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.dropped.total()), (20, 0), "{stats:?}");
}

/// Makes the activities of each project wait for a lock. That of one project is never released.
const LOCKING: &str = "
    CREATE TABLE turbobackend.counts (project_id VARCHAR PRIMARY KEY, activities BIGINT);
    INSERT INTO turbobackend.counts VALUES ('stuck', 0), ('free', 0);
    CREATE FUNCTION turbobackend.count_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM FROM turbobackend.counts WHERE project_id = NEW.project_id FOR UPDATE NOWAIT;
        RETURN NEW;
    END $$;
    CREATE TRIGGER count_one BEFORE INSERT ON turbobackend.project_actions
        FOR EACH ROW EXECUTE FUNCTION turbobackend.count_one();
";

#[tokio::test]
async fn activities_that_wait_for_a_lock_of_their_own_hold_up_no_others() {
    let (database, client) = migrated(LOCKING).await;
    client
        .batch_execute(
            "BEGIN; SELECT FROM turbobackend.counts WHERE project_id = 'stuck' FOR UPDATE",
        )
        .await
        .unwrap();
    let tracker = tracker(database.url(), None, LIMIT);
    for project in ["free", "stuck", "free", "stuck", "free"] {
        tracker.record(of_project(project));
    }
    wait_until(LIMIT, "the others are stored", || {
        tracker.stats().stored == 3
    });
    client.batch_execute("COMMIT").await.unwrap();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.stored, stats.dropped.total()), (5, 0), "{stats:?}");
}

/// Adds a policy for the worker's role, which refuses the activities of one project.
const POLICY: &str = "
    ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY;
    CREATE POLICY written ON turbobackend.project_actions FOR INSERT WITH CHECK (project_id <> 'secret');
";

#[tokio::test]
async fn what_a_policy_refuses_is_found_and_the_others_arrive() {
    let (database, client) = migrated(POLICY).await;
    let grants = "GRANT USAGE ON SCHEMA turbobackend TO {role};
        GRANT INSERT ON turbobackend.project_actions TO {role}";
    let worker = database.create_role(grants).await;
    PostgresStore::new(&worker).unwrap().check().await.unwrap();
    let tracker = tracker(&worker, None, LIMIT);
    for project in ["open", "secret", "open"] {
        tracker.record(of_project(project));
    }
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.refused), (2, 1), "{stats:?}");
    assert_eq!(rows(&client).await, 2);
}
