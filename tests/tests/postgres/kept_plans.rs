//! Plans that a connection keeps: a page is planned once, and stays right when its plan is gone.
//! Other statements on the connection meet none of the settings that this takes.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::task::block_in_place;
use tracker_core::{
    ActionType, Activity, PostgresStore, Store,
    store::Batch,
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

/// Makes the table refuse rows by a session that has settings of pages.
const REFUSE_OTHER_SETTINGS: &str = "
    CREATE FUNCTION turbobackend.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF current_setting('plan_cache_mode') <> 'auto' OR current_setting('enable_sort') <> 'on' THEN
                RAISE 'the settings are those of pages';
            END IF;
            RETURN NULL;
        END
    $$;
    CREATE TRIGGER refuse AFTER INSERT ON turbobackend.project_actions
        FOR EACH STATEMENT EXECUTE FUNCTION turbobackend.refuse();
";

/// A role that prefers long transactions, and sees no row in one.
const SEES_ROWS_IN_A_SHORT_TRANSACTION: &str = "
    GRANT USAGE ON SCHEMA turbobackend TO {role};
    GRANT SELECT ON ALL TABLES IN SCHEMA turbobackend TO {role};
    ALTER ROLE {role} SET default_transaction_isolation = 'serializable';
    ALTER ROLE {role} SET default_transaction_deferrable = on;
    ALTER ROLE {role} SET statement_timeout = 0;
    ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY;
    CREATE POLICY short ON turbobackend.project_actions TO {role} USING (
        current_setting('transaction_isolation') = 'read committed'
            AND current_setting('transaction_read_only') = 'on'
            AND current_setting('statement_timeout') = '7s'
    );
";

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

/// A page whose plan is not kept.
fn of_a_user() -> Query {
    Filter::project("p").user_id("u").into()
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
    for _ in 0..PAGES {
        store.timeline(of_a_user()).await.unwrap();
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
        // A transaction, at whose end the plans are gone.
        assert_eq!(store.timeline(of_a_user()).await.unwrap().activities, []);
    }
    assert!(engine.asked(PAGE) - engine.asked(BLOCKS) > PAGES);
}

#[tokio::test]
async fn a_page_and_a_count_are_one_message_each() {
    let database = TestDatabase::create().await;
    let engine = OtherEngine::without(&[], database.url()).await;
    let store = PostgresStore::new(engine.url()).unwrap();
    let rows = filled(&store).await;
    let assert_read = async || {
        assert_pages(&store, &rows).await;
        assert_eq!(store.count(Filter::project("p")).await.unwrap(), 6);
    };
    // All connections are open, and have plans.
    let read = (0..PAGES).map(|_| assert_read());
    join_all(read).await;
    let asked = engine.asked("");
    for _ in 0..PAGES {
        assert_read().await;
    }
    // A connection that another has overtaken till now may have to plan a kind of page.
    assert!(engine.asked("") - asked < PAGES, "{}", engine.asked(""));
}

#[tokio::test]
async fn pages_are_right_on_a_server_whose_sorts_can_not_be_chosen() {
    let database = TestDatabase::create().await;
    let lacks = &[Lack::TextHashes, Lack::SortSettings];
    let engine = OtherEngine::without(lacks, database.url()).await;
    let store = PostgresStore::new(engine.url()).unwrap();
    let rows = filled(&store).await;
    for _ in 0..PAGES {
        assert_pages(&store, &rows).await;
    }
}

#[tokio::test]
async fn settings_that_were_not_made_in_time_are_made_for_the_next_page() {
    let database = TestDatabase::create().await;
    let engine = OtherEngine::without(&[Lack::TimelySortSettings], database.url()).await;
    let store = PostgresStore::new(engine.url()).unwrap();
    let rows = filled(&store).await;
    for _ in 0..PAGES {
        assert_pages(&store, &rows).await;
    }
    assert!(engine.asked("SET enable_sort") >= PAGES);
}

#[tokio::test]
async fn what_follows_a_page_meets_the_settings_of_the_role() {
    let database = TestDatabase::create().await;
    // One connection reads, and it is the only one unless another is needed at the same time.
    let store = PostgresStore::builder(database.url()).connections_max(2);
    let store = store.build().unwrap();
    let rows = filled(&store).await;
    let client = database.connect().await;
    client.batch_execute(REFUSE_OTHER_SETTINGS).await.unwrap();
    let batch = || Batch::from(vec![Activity::new(ActionType::GithubPush).project_id("q")]);
    assert_pages(&store, &rows).await;
    // A first attempt is copied, and a retry inserted.
    store.write(batch()).await.unwrap();
    assert_pages(&store, &rows).await;
    store.write(batch().retry()).await.unwrap();
    assert_pages(&store, &rows).await;
    let drop = "DROP INDEX turbobackend.project_actions_seconds";
    client.batch_execute(drop).await.unwrap();
    store.migrate().await.unwrap();
    assert_pages(&store, &rows).await;
    let index = "SELECT to_regclass('turbobackend.project_actions_seconds') IS NOT NULL";
    let is_there: bool = client.query_one(index, &[]).await.unwrap().get(0);
    assert!(is_there);
}

#[tokio::test]
async fn a_lock_is_a_row_whatever_its_connection_has_read() {
    let database = TestDatabase::create().await;
    let engine = OtherEngine::without(&[Lack::AdvisoryLocks], database.url()).await;
    let store = PostgresStore::new(engine.url()).unwrap();
    let rows = filled(&store).await;
    let client = database.connect().await;
    let drop =
        "DROP TABLE turbobackend.tracker_locks; DROP INDEX turbobackend.project_actions_seconds";
    client.batch_execute(drop).await.unwrap();
    join_all((0..PAGES).map(|_| assert_pages(&store, &rows))).await;
    store.migrate().await.unwrap();
    let locks = client
        .query_one("SELECT count(*) FROM turbobackend.tracker_locks", &[])
        .await;
    assert!(locks.is_ok(), "{locks:?}");
}

#[tokio::test]
async fn a_page_is_read_in_a_transaction_of_its_own_whatever_the_role_prefers() {
    let database = TestDatabase::create().await;
    let owner = PostgresStore::new(database.url()).unwrap();
    let rows = filled(&owner).await;
    let role = database.create_role(SEES_ROWS_IN_A_SHORT_TRANSACTION).await;
    let store = PostgresStore::builder(role).read_timeout(Duration::from_secs(7));
    let store = store.build().unwrap();
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
    let left = "SELECT current_setting('plan_cache_mode'), current_setting('enable_sort'), \
            (SELECT count(*) FROM pg_prepared_statements)";
    let left = client.query_typed(left, &[]).await.unwrap();
    let settings: (&str, &str) = (left[0].get(0), left[0].get(1));
    assert_eq!(settings, ("auto", "on"));
    assert_eq!(left[0].get::<_, i64>(2), 0);
}
