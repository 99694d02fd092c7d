//! Plans that a connection keeps: a page is planned once, and stays right when its plan is gone.

use tokio::task::block_in_place;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store,
    timeline::{BlockQuery, Filter, Query},
};
use tracker_tests::{
    engine::{Lack, OtherEngine},
    partitions::partitioned,
    pgbouncer::PgBouncer,
    postgres::TestDatabase,
};

/// The beginnings of the statements of a page, and of a page of blocks.
const PAGE: &str = "-- At most $12 rows after the first $13";
const BLOCKS: &str = "-- The rows that a page of blocks walks";

/// The number of pages that a test reads, far more than a store has connections.
const PAGES: usize = 20;

/// The most connections of a store that read.
const READERS: usize = 3;

/// Writes activities of two requests, and returns them with the newest first.
async fn filled(store: &PostgresStore) -> Vec<Activity> {
    store.migrate().await.unwrap();
    let row = |number: i64| {
        let mut row = Activity::new(ActionType::Deployment)
            .project_id("p")
            .request_id(format!("req_{}", number % 2));
        row.created_at = Some(number);
        row
    };
    let mut rows: Vec<_> = (1..=6).map(row).collect();
    store.write(rows.clone().into()).await.unwrap();
    rows.reverse();
    rows
}

/// Asserts that pages of all kinds have these rows.
async fn assert_pages(store: &PostgresStore, rows: &[Activity]) {
    let page = store.timeline(Query::project("p").limit(3)).await.unwrap();
    assert_eq!(page.activities, rows[..3]);
    let next = Query::project("p").limit(3).after(page.next.unwrap());
    let page = store.timeline(next).await.unwrap();
    assert_eq!(page.activities, rows[3..]);
    let filter = Filter::project("p").action_type("deployment");
    let page = store.timeline(filter.into()).await.unwrap();
    assert_eq!(page.activities, rows);
    let page = store.blocks(BlockQuery::project("p")).await.unwrap();
    let newest = page.blocks.iter().map(|block| block.activities.last());
    assert_eq!(newest.collect::<Vec<_>>(), [rows.first(), rows.get(1)]);
    assert!(page.blocks.iter().all(|block| block.activities.len() == 3));
}

#[tokio::test]
async fn a_page_is_planned_once_for_each_connection() {
    let database = TestDatabase::create().await;
    let engine = OtherEngine::without(&[], database.url()).await;
    let store = PostgresStore::new(engine.url()).unwrap();
    let rows = filled(&store).await;
    for _ in 0..PAGES {
        assert_pages(&store, &rows).await;
    }
    // Each kind of page has a plan of its own: with a cursor, with an action type, and without.
    let planned = engine.asked(PAGE) - engine.asked(BLOCKS);
    assert!((3..=3 * READERS).contains(&planned), "{planned}");
    assert!((1..=READERS).contains(&engine.asked(BLOCKS)));

    // A user may be rare, which the plan has to know.
    let by_a_user = Query::from(Filter::project("p").user_id("u"));
    for _ in 0..PAGES {
        store.timeline(by_a_user.clone()).await.unwrap();
    }
    assert!(engine.asked(PAGE) >= PAGES);
}

#[tokio::test]
async fn pages_are_right_in_a_session_that_forgets_its_plans() {
    let database = TestDatabase::create().await;
    let engine = OtherEngine::without(&[Lack::PreparedStatements], database.url()).await;
    let store = PostgresStore::new(engine.url()).unwrap();
    let rows = filled(&store).await;
    for _ in 0..PAGES {
        assert_pages(&store, &rows).await;
    }
}

#[tokio::test]
async fn pages_are_right_when_the_table_has_changed() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    let rows = filled(&store).await;
    assert_pages(&store, &rows).await;
    let client = database.connect().await;
    for change in [
        "ALTER TABLE turbobackend.project_actions ALTER project_id TYPE text, ALTER action_id TYPE text",
        "DROP INDEX turbobackend.project_actions_seconds",
        "ALTER TABLE turbobackend.project_actions ADD other int DEFAULT 7",
        "ALTER TABLE turbobackend.project_actions RENAME user_id TO elsewhere",
        "ALTER TABLE turbobackend.project_actions RENAME elsewhere TO user_id",
    ] {
        client.batch_execute(change).await.unwrap();
        if change.ends_with("elsewhere") {
            // The plan of before is of no use, and the page of now is no page.
            let page = store.timeline(Query::project("p")).await;
            assert!(page.is_err(), "{page:?}");
        } else {
            assert_pages(&store, &rows).await;
        }
    }
}

#[tokio::test]
async fn pages_are_right_when_the_table_is_in_partitions_all_at_once() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    let rows = filled(&store).await;
    assert_pages(&store, &rows).await;
    partitioned(database.url()).await;
    assert_pages(&store, &rows).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_keeps_no_plan_of_a_page() {
    let database = TestDatabase::create().await;
    let rows = filled(&PostgresStore::new(database.url()).unwrap()).await;
    let bouncer = block_in_place(|| PgBouncer::before(database.url(), 1));
    let url = bouncer.url(database.url());
    let store = PostgresStore::new(&*url).unwrap();
    for _ in 0..PAGES {
        assert_pages(&store, &rows).await;
    }
    // The pooler has one session for all its clients.
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let kept = client
        .query_typed("SELECT name FROM pg_prepared_statements", &[])
        .await;
    assert_eq!(kept.unwrap().len(), 0);
}
