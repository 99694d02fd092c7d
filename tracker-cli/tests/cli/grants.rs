//! The rights of each role. The grants are those of docs/operations.md, and no more are needed.

use std::time::Duration;

use tokio::time::timeout;
use tracker_core::{
    Store, StoreError,
    store::{Batch, Pruning, Watch},
    timeline::{Arrivals, Counting, Filter, Query, UtcOffsets},
};
use tracker_tests::{arrivals::all_settled, postgres::TestDatabase};

use crate::support::{Place, ids, numbered};

const LIMIT: Duration = Duration::from_secs(30);

/// The page for operators.
const PAGE: &str = include_str!("../../../docs/operations.md");

/// Returns the page's grants of a role, with a placeholder for a role of the test's own.
fn grants(role: &str) -> String {
    let end = format!(" TO {role};");
    let lines = PAGE.lines().filter(|line| line.starts_with("GRANT "));
    let own: Vec<_> = lines.filter_map(|line| line.strip_suffix(&end)).collect();
    assert!(!own.is_empty(), "the page has no grants for {role}");
    let own: Vec<_> = own
        .iter()
        .map(|grant| format!("{grant} TO {{role}};"))
        .collect();
    own.concat()
}

/// Creates a database that is migrated by a role of its own.
async fn migrated() -> TestDatabase {
    let database = TestDatabase::create().await;
    let name = database.url().rsplit('/').next().unwrap().to_owned();
    let owner = database
        .create_role(&grants("tracker_owner").replace("DATABASE app", &format!("DATABASE {name}")))
        .await;
    let applied = Place::at(&owner).run(&["migrate"]).printed();
    assert!(applied.starts_with("applied V1__"), "{applied}");
    // The owner of the table can write, and can migrate again.
    Place::at(&owner).run(&["migrate", "--check"]).printed();
    Place::at(&owner).run(&["migrate"]).printed();
    database
}

#[track_caller]
fn assert_denied<T>(outcome: Result<T, StoreError>) {
    let error = outcome.err().expect("it is denied");
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
}

#[tokio::test]
async fn a_worker_writes_and_reads_nothing() {
    let database = migrated().await;
    let worker = Place::at(&database.create_role(&grants("worker")).await);
    let store = worker.store();
    store.check().await.unwrap();
    let batch = Batch::from(vec![numbered(1)]);
    store.write(batch.clone()).await.unwrap();
    store.write(batch.retry()).await.unwrap();
    worker.run(&["migrate", "--check"]).printed();
    let line = serde_json::to_vec(&numbered(2)).unwrap();
    let imported = worker.run_with(&["import"], &line).printed();
    assert_eq!(imported, "imported 1 activity\n");
    assert_denied(store.timeline(Query::project("project_7")).await);
    assert_denied(store.prune(Pruning::before(i64::MAX)).await);
    let said = worker.run(&["list", "-p", "project_7"]).failed(1);
    assert!(said.contains("reading SELECT"), "{said}");
}

#[tokio::test]
async fn a_server_reads_and_follows_and_writes_nothing() {
    let database = migrated().await;
    let worker = Place::at(&database.create_role(&grants("worker")).await);
    let server = Place::at(&database.create_role(&grants("console")).await);
    let store = server.store();
    worker.write(vec![numbered(1)]).await;

    let page = store.timeline(Query::project("project_7")).await.unwrap();
    assert_eq!(ids(&page.activities), ["000001"]);
    let filter = Filter::project("project_7");
    assert_eq!(store.count(filter.clone()).await.unwrap(), 1);
    assert_eq!(
        store
            .counts(Counting::by_day(filter, UtcOffsets::default()))
            .await
            .unwrap()
            .len(),
        1
    );
    let one = store.activity("project_7", "000001").await.unwrap();
    assert_eq!(one, Some(numbered(1)));

    let begin = all_settled(&*store).await;
    let mut watch = store.watch().await.unwrap();
    has_news(&mut *watch).await;
    worker.write(vec![numbered(2)]).await;
    has_news(&mut *watch).await;
    let end = all_settled(&*store).await;
    let arrivals = Arrivals::new(vec!["project_7".to_owned()], begin, end);
    let arrived = store.arrivals(arrivals).await.unwrap();
    let arrived: Vec<_> = arrived.into_iter().map(|(_, row)| row).collect();
    assert_eq!(ids(&arrived), ["000002"]);

    let exported = server.run(&["export"]).activities();
    assert_eq!(exported.len(), 2);
    let last = server.run(&["tail", "-p", "project_7"]).activities();
    assert_eq!(last.len(), 2);
    assert_denied(store.write(vec![numbered(3)].into()).await);
    assert_denied(store.check().await);
    assert_denied(store.prune(Pruning::before(i64::MAX)).await);
}

async fn has_news(watch: &mut dyn Watch) {
    timeout(LIMIT, watch.changed()).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_pruner_counts_and_removes_and_writes_nothing() {
    let database = migrated().await;
    let worker = Place::at(&database.create_role(&grants("worker")).await);
    let pruner = Place::at(&database.create_role(&grants("pruner")).await);
    let mut old = numbered(1);
    old.created_at = Some(0);
    let mut later = numbered(2);
    later.created_at = Some(i64::MAX);
    worker.write(vec![old, later]).await;
    let dry = pruner.run(&["prune", "--older-than", "90d", "--dry-run"]);
    assert!(dry.printed().starts_with("would remove 1 activity "));
    let real = pruner.run(&["prune", "--older-than", "90d", "--yes"]);
    assert!(real.printed().starts_with("removed 1 activity "));
    assert_denied(pruner.store().write(vec![numbered(3)].into()).await);
}
