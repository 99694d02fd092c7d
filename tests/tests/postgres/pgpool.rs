//! A store behind pgpool-II, which has a session for each client and does not forward a driver's
//! COPY.

use std::time::Duration;

use tokio::task::block_in_place;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store,
    store::{Batch, Pruning},
};
use tracker_tests::{
    load::{Load, assert_once_each, tracker},
    log::Log,
    partitions::assert_partitioned_and_pruned,
    pgpool::PgPool,
    postgres::TestDatabase,
    store_suite,
};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(1);

const WRITER: &str = "GRANT USAGE ON SCHEMA turbobackend TO {role};
    GRANT INSERT ON turbobackend.project_actions TO {role}";

store_suite!(
    #[ignore = "it needs pgpool-II: scripts/matrix pgpool"]
    pooled,
    || async {
        let database = TestDatabase::create().await;
        let pool = PgPool::before(&[database.url()]);
        let store = PostgresStore::new(pool.url(database.url())).expect("a store");
        ((pool, database), store)
    }
);

fn log() -> &'static Log {
    Log::of_process(tracing::Level::WARN)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it needs pgpool-II: scripts/matrix pgpool"]
async fn a_workers_batches_arrive_by_insert_alone() {
    log();
    let database = TestDatabase::create().await;
    PostgresStore::new(database.url())
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let role = database.create_role(WRITER).await;
    let pool = block_in_place(|| PgPool::before(&[database.url(), &role]));
    let url = pool.url(&role);
    let tracker = tracker(PostgresStore::new(&*url).unwrap()).build().unwrap();
    let load = Load::on(&tracker);
    while tracker.stats().stored < 1_000 {
        tracker.flush().await;
    }
    let calls = load.end().await;
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!((stats.recorded, stats.stored), (calls, calls), "{stats:?}");
    assert_once_each(&database.connect().await, calls).await;

    let said = log().text();
    let own = url.rsplit('@').next().unwrap().split('/').next().unwrap();
    let said: Vec<_> = said.lines().filter(|line| line.contains(own)).collect();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert!(
        said[0].contains("batches are written by INSERT"),
        "{said:#?}"
    );
    assert!(said[0].contains("pgpool-II 4."), "{said:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it needs pgpool-II: scripts/matrix pgpool"]
async fn each_of_many_stores_writes_its_first_batch() {
    let database = TestDatabase::create().await;
    let pool = block_in_place(|| PgPool::before(&[database.url()]));
    let url = pool.url(database.url());
    PostgresStore::new(&*url).unwrap().migrate().await.unwrap();
    for _ in 0..20 {
        let store = PostgresStore::new(&*url).unwrap();
        let row = Activity::new(ActionType::Deployment).project_id("project_7");
        store.write(Batch::from(vec![row])).await.unwrap();
    }
    let client = database.connect().await;
    let query = "SELECT count(*) FROM turbobackend.project_actions";
    let rows: i64 = client.query_one(query, &[]).await.unwrap().get(0);
    assert_eq!(rows, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it needs pgpool-II: scripts/matrix pgpool"]
async fn a_table_is_partitioned_and_pruned() {
    let database = TestDatabase::create().await;
    let pool = block_in_place(|| PgPool::before(&[database.url()]));
    let store = PostgresStore::new(pool.url(database.url())).unwrap();
    let pruned = assert_partitioned_and_pruned(&store, Pruning::before(i64::MAX)).await;
    assert_eq!(pruned.batches, 1);
}
