//! A Postgres table in partitions: the results of reads, the partitions that reads look at, and the
//! making and dropping of partitions.

use std::{sync::Arc, time::Duration};

use futures_util::future::try_join_all;
use proptest::{
    option,
    prelude::*,
    test_runner::{Config, TestCaseError, TestRunner},
};
use tokio::{runtime::Handle, task::block_in_place, time::timeout};
use tracker_core::{
    ActionType, Activity, MemoryStore, PostgresStore, Store, StoreError,
    store::{Batch, Pruning, postgres::partitions::MadePartition},
    timeline::{Counting, Filter, Order, Query, UtcOffsets},
};
use tracker_tests::{
    filters::{Wanted, wanted},
    partitions::{BEGIN_MS, DAY_MS, id_at, partitioned, scattered},
    postgres::TestDatabase,
};

use super::{now_ms, number};

const LIMIT: Duration = Duration::from_mins(1);

/// A filter, the days of its bounds, the order, the limit and the offset.
type Question = (Wanted, Option<i64>, Option<i64>, bool, u32, u32);

fn row(project_id: &str, id: String, at: Option<i64>) -> Activity {
    let mut row = Activity::new(ActionType::Deployment).project_id(project_id);
    (row.action_id, row.created_at) = (id, at);
    row
}

/// How many rows all batches remove, none of which stays.
async fn pruned(store: &dyn Store, pruning: Pruning) -> u64 {
    let (mut removed, mut next) = (0, Some(pruning));
    while let Some(pruning) = next {
        let pruned = store.prune(pruning).await.unwrap();
        assert_eq!(pruned.kept, []);
        removed += pruned.removed;
        next = pruned.next;
    }
    removed
}

/// Returns all pages of the query.
async fn pages(store: &dyn Store, query: &Query) -> Result<Vec<Vec<Activity>>, StoreError> {
    let mut pages = Vec::new();
    let mut next = Some(query.clone());
    while let Some(query_now) = next.take() {
        let page = store.timeline(query_now).await?;
        pages.push(page.activities);
        assert!(pages.len() < 200, "pages without an end");
        next = page.next.map(|cursor| query.clone().after(cursor));
    }
    Ok(pages)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_question_has_the_answer_that_the_same_rows_have_in_memory() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    let days = || option::weighted(0.3, -20..420_i64);
    let questions = (
        wanted(),
        days(),
        days(),
        any::<bool>(),
        1..30_u32,
        0..20_u32,
    );
    let cases = (
        prop::collection::vec(scattered("p"), 0..150),
        prop::collection::vec(questions, 12),
    );
    let config = Config {
        cases: 24,
        failure_persistence: None,
        ..Config::default()
    };
    let one_case = async |(rows, questions): (Vec<Activity>, Vec<Question>)| {
        client
            .batch_execute("DELETE FROM turbobackend.project_actions")
            .await
            .unwrap();
        let memory = MemoryStore::new();
        memory.write(rows.clone().into()).await.unwrap();
        store.write(rows.into()).await.unwrap();
        for (mut wanted, after, before, is_oldest, limit, offset) in questions {
            let at = |day: i64| BEGIN_MS + day * DAY_MS;
            (wanted.created_after, wanted.created_before) = (after.map(at), before.map(at));
            let filter = wanted.filter("p");
            let order = [Order::Newest, Order::Oldest][usize::from(is_oldest)];
            let query = Query::from(filter.clone()).order(order).limit(limit);
            let shown = pages(&store, &query).await.unwrap();
            assert_eq!(shown, pages(&memory, &query).await.unwrap(), "{query:?}");
            let query = query.offset(offset);
            let shown = store.timeline(query.clone()).await.unwrap();
            assert_eq!(
                shown,
                memory.timeline(query.clone()).await.unwrap(),
                "{query:?}"
            );
            let count = store.count(filter.clone()).await.unwrap();
            assert_eq!(count, memory.count(filter.clone()).await.unwrap());
            let days = store
                .counts(Counting::by_day(filter.clone(), UtcOffsets::default()))
                .await
                .unwrap();
            assert_eq!(
                days,
                memory
                    .counts(Counting::by_day(filter, UtcOffsets::default()))
                    .await
                    .unwrap()
            );
            let before = at(before.unwrap_or(200));
            let count = store.count_before(before).await.unwrap();
            assert_eq!(count, memory.count_before(before).await.unwrap());
        }
    };
    block_in_place(|| {
        TestRunner::new(config)
            .run(&cases, |case| {
                let shown =
                    std::panic::AssertUnwindSafe(|| Handle::current().block_on(one_case(case)));
                std::panic::catch_unwind(shown).map_err(|_| TestCaseError::fail("see above"))
            })
            .unwrap();
    });
}

#[tokio::test]
async fn what_can_have_no_row_of_a_page_is_not_looked_at() {
    let database = TestDatabase::create().await;
    partitioned(database.url()).await;
    let month = 4 * 30 * DAY_MS;
    let at = BEGIN_MS + month;
    let store = PostgresStore::builder(database.url())
        .read_timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    let rows = (0..60).map(|n| row("p", id_at(at + n), Some(at + n)));
    store.write(rows.collect()).await.unwrap();
    // A read that has to look at a locked partition waits until it times out.
    let mut client = database.connect().await;
    let holder = client.transaction().await.unwrap();
    let others = store.partitions().await.unwrap();
    let others = others.iter().filter(|partition| {
        let far = |(first, last): (i64, i64)| first > at + DAY_MS * 40 || last < at - DAY_MS * 40;
        partition.times.is_some_and(far)
    });
    let others: Vec<_> = others.map(|partition| &*partition.name).collect();
    assert!(others.len() > 5, "{others:?}");
    for name in &others {
        let lock = format!("LOCK TABLE turbobackend.{name} IN ACCESS EXCLUSIVE MODE");
        holder.batch_execute(&lock).await.unwrap();
    }
    let between = Filter::project("p")
        .created_after(at - DAY_MS)
        .created_before(at + DAY_MS);
    for order in [Order::Newest, Order::Oldest] {
        let query = Query::from(between.clone()).order(order);
        let page = store.timeline(query.clone()).await.unwrap();
        assert_eq!(page.activities.len(), 50);
        let next = store
            .timeline(query.after(page.next.unwrap()))
            .await
            .unwrap();
        assert_eq!(next.activities.len(), 10);
    }
    assert_eq!(store.count(between.clone()).await.unwrap(), 60);
    assert_eq!(
        store
            .counts(Counting::by_day(between, UtcOffsets::default()))
            .await
            .unwrap()
            .len(),
        1
    );
    // A full page after a cursor needs no bound of the filter.
    let first = row("p", id_at(at + 55), Some(at + 55));
    let after = Query::project("p")
        .after(tracker_core::timeline::Cursor::after(&first))
        .limit(20);
    assert_eq!(store.timeline(after).await.unwrap().activities.len(), 20);
    let all = store.count(Filter::project("p").created_after(1)).await;
    assert!(matches!(all, Err(StoreError::Timeout { .. })), "{all:?}");
}

#[tokio::test]
async fn a_row_is_found_by_its_time_whatever_time_its_id_tells() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let at = BEGIN_MS + 100 * DAY_MS;
    // The store has read the zones from here on.
    assert_eq!(
        store
            .timeline(Query::project("p"))
            .await
            .unwrap()
            .activities,
        []
    );
    for times in [
        0,
        at - 90 * DAY_MS,
        at + 90 * DAY_MS,
        i64::MIN,
        i64::MAX,
        at,
    ] {
        let odd = row("p", id_at(at), Some(times));
        store.write(vec![odd.clone()].into()).await.unwrap();
        let filter = Filter::project("p")
            .created_after(times)
            .created_before(times.saturating_add(1));
        let page = store.timeline(filter.into()).await.unwrap();
        let found = if times == i64::MAX { vec![] } else { vec![odd] };
        assert_eq!(page.activities, found, "{times}");
    }
    let untimed = row("p", id_at(at), None);
    store.write(vec![untimed.clone()].into()).await.unwrap();
    let oldest = Query::project("p").order(Order::Oldest).limit(1);
    assert_eq!(store.timeline(oldest).await.unwrap().activities, [untimed]);
    // Many different times add only few rows to the map.
    let rows = (1..=2_000).map(|n| row("q", id_at(at), Some(-n * DAY_MS)));
    store.write(rows.collect()).await.unwrap();
    let client = database.connect().await;
    let map = "SELECT count(*) FROM turbobackend.project_actions_partitions";
    let rows = number(&client, map).await;
    assert!(rows < 100, "{rows}");
}

const ALL: &str = "SELECT count(*), count(DISTINCT action_id) FROM turbobackend.project_actions WHERE project_id = 'p'";

#[tokio::test]
async fn writers_at_once_make_a_missing_partition_once_and_lose_nothing() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    let partitions = store.partitions().await.unwrap();
    let now = now_ms();
    let mut missing = Vec::new();
    for partition in &partitions {
        if partition.times.is_some_and(|(_, last)| last > now) {
            missing.push(partition.name.clone());
            let drop = format!(
                "DROP TABLE turbobackend.{0}; DELETE FROM turbobackend.project_actions_partitions WHERE name = '{0}'",
                partition.name
            );
            client.batch_execute(&drop).await.unwrap();
        }
    }
    assert!((3..=4).contains(&missing.len()), "{missing:?}");
    // These rows have been in the default partition for some time.
    let early = (0..50).map(|_| row("p", id_at(now), Some(now)));
    let early: Vec<_> = early.collect();
    client
        .batch_execute(&early.iter().fold(String::new(), |sql, row| {
            sql + &format!(
                "INSERT INTO turbobackend.project_actions (action_id, project_id, created_at) VALUES ('{}', 'p', {now});",
                row.action_id
            )
        }))
        .await
        .unwrap();
    let grants = "GRANT USAGE ON SCHEMA turbobackend TO {role}; GRANT INSERT ON turbobackend.project_actions TO {role}";
    let writer = database.create_role(grants).await;
    let writers = (0..8).map(|_| {
        let writer = PostgresStore::new(&*writer).unwrap();
        tokio::spawn(async move {
            for _ in 0..5 {
                let rows = (0..20).map(|_| row("p", id_at(now), Some(now)));
                writer.write(rows.collect()).await?;
            }
            writer.ensure_partitions().await?;
            Ok::<_, StoreError>(())
        })
    });
    for written in timeout(LIMIT, try_join_all(writers))
        .await
        .unwrap()
        .unwrap()
    {
        written.unwrap();
    }
    let made = store.partitions().await.unwrap();
    let names = |partitions: &[tracker_core::store::postgres::partitions::Partition]| {
        let names = partitions.iter().map(|partition| partition.name.clone());
        names.collect::<Vec<_>>()
    };
    let expected: Vec<_> = names(&partitions);
    // One of the four may no longer have been needed.
    assert!(names(&made).len() >= expected.len() - 1, "{made:?}");
    let counts = client.query_one(ALL, &[]).await.unwrap();
    assert_eq!(
        (counts.get::<_, i64>(0), counts.get::<_, i64>(1)),
        (850, 850)
    );
    let left = "SELECT count(*) FROM turbobackend.project_actions_default WHERE project_id = 'p'";
    assert_eq!(number(&client, left).await, 0);
    assert_eq!(store.ensure_partitions().await.unwrap(), []);
}

#[tokio::test]
async fn too_many_rows_of_a_missing_partition_stay_where_they_are() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let client = database.connect().await;
    let last = store.partitions().await.unwrap();
    let last = &last[last.len() - 2];
    let (first_id, _) = last.ids.clone().unwrap();
    client
        .batch_execute(&format!(
            "DROP TABLE turbobackend.{0}; DELETE FROM turbobackend.project_actions_partitions WHERE name = '{0}';
            INSERT INTO turbobackend.project_actions (action_id, project_id, created_at)
            SELECT '{first_id}' || n, 'p', 0 FROM generate_series(1, 10001) AS n",
            last.name
        ))
        .await
        .unwrap();
    let made = store.ensure_partitions().await.unwrap();
    assert_eq!(made, [MadePartition::Crowded]);
    assert_eq!(store.count(Filter::project("p")).await.unwrap(), 10_001);
    client
        .batch_execute("DELETE FROM turbobackend.project_actions WHERE action_id LIKE '%10001'")
        .await
        .unwrap();
    let made = store.ensure_partitions().await.unwrap();
    let name = last.name.clone();
    assert_eq!(made, [MadePartition::Made { name }]);
    assert_eq!(store.count(Filter::project("p")).await.unwrap(), 10_000);
}

#[tokio::test]
async fn roles_that_may_not_write_make_and_drop_no_partitions() {
    let database = TestDatabase::create().await;
    partitioned(database.url()).await;
    let grants = "GRANT USAGE ON SCHEMA turbobackend TO {role}; GRANT SELECT ON turbobackend.project_actions TO {role}";
    let reader = PostgresStore::new(database.create_role(grants).await).unwrap();
    assert_eq!(reader.count(Filter::project("seed")).await.unwrap(), 40);
    let denied = reader.ensure_partitions().await.unwrap_err();
    assert!(matches!(denied, StoreError::Denied { .. }), "{denied:?}");
    let denied = reader.prune(Pruning::before(i64::MAX)).await.unwrap_err();
    assert!(matches!(denied, StoreError::Denied { .. }), "{denied:?}");
    let make = "SELECT turbobackend.project_actions_make_partition('turbobackend.project_actions', 'month', 'epoch')";
    let (client, connection) =
        tokio_postgres::connect(&database.create_role(grants).await, tokio_postgres::NoTls)
            .await
            .unwrap();
    tokio::spawn(connection);
    assert!(client.batch_execute(make).await.is_err());
}

#[tokio::test]
async fn pruning_drops_whole_partitions_while_writes_go_on_and_counts_what_they_had() {
    let database = TestDatabase::create().await;
    let store = Arc::new(partitioned(database.url()).await);
    let before = BEGIN_MS + 100 * DAY_MS;
    // One partition has a row without a time, and another one has a row of a much later time. Both
    // rows stay.
    let untimed = row("p", id_at(BEGIN_MS + 35 * DAY_MS), None);
    let late = row("p", id_at(BEGIN_MS + 65 * DAY_MS), Some(before + DAY_MS));
    let foreign = row("p", "order-7".to_owned(), Some(before - 1));
    let kept = [untimed.clone(), late.clone()];
    let odd = vec![untimed, late, foreign];
    store.write(odd.into()).await.unwrap();
    let names = async || {
        let partitions = store.partitions().await.unwrap();
        let names = partitions.into_iter().map(|partition| partition.name);
        names.collect::<Vec<_>>()
    };
    let names_before = names().await;
    assert_eq!(store.count_before(before).await.unwrap(), 11);

    let writing = Arc::clone(&store);
    let writer = tokio::spawn(async move {
        let mut written = 0_u64;
        loop {
            let rows: Batch = (0..10)
                .map(|_| row("w", id_at(now_ms()), Some(now_ms())))
                .collect();
            writing.write(rows).await.unwrap();
            written += 10;
            if written >= 1_000 {
                return written;
            }
        }
    });
    let whole = Pruning::before(before).limit(0);
    let first = store.prune(whole).await.unwrap().removed;
    assert_eq!(first, 3, "the first partition");
    assert_eq!(
        first + pruned(&*store, Pruning::before(before).limit(2)).await,
        11
    );
    let written = writer.await.unwrap();
    assert_eq!(store.count_before(before).await.unwrap(), 0);
    assert_eq!(store.count(Filter::project("w")).await.unwrap(), written);
    let page = store.timeline(Query::project("p")).await.unwrap();
    assert_eq!(page.activities, [kept[1].clone(), kept[0].clone()]);
    let names_after = names().await;
    assert_eq!(names_before[0], "project_actions_2025_11");
    assert_eq!(names_after[0], "project_actions_2025_12");
    assert_eq!(names_after[1..], names_before[2..]);
}

#[tokio::test]
async fn the_partitions_of_now_and_of_what_comes_are_never_dropped() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let now = now_ms();
    store
        .write(vec![row("p", id_at(now), Some(now))].into())
        .await
        .unwrap();
    pruned(&store, Pruning::before(i64::MAX).limit(10)).await;
    let partitions = store.partitions().await.unwrap();
    assert_eq!(partitions.len(), 4, "{partitions:?}");
    assert_eq!(store.ensure_partitions().await.unwrap(), []);
}

#[tokio::test]
async fn a_partition_that_somebody_reads_is_left_until_they_have_ended() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let mut client = database.connect().await;
    let reader = client.transaction().await.unwrap();
    let read = "SELECT count(*) FROM turbobackend.project_actions";
    reader.query_one(read, &[]).await.unwrap();
    let before = BEGIN_MS + 60 * DAY_MS;
    let writer = store.write(vec![row("p", id_at(now_ms()), None)].into());
    writer.await.unwrap();
    // The rows of a partition that can't be dropped are deleted.
    let some = store.prune(Pruning::before(before).limit(2)).await.unwrap();
    assert_eq!(some.removed, 2);
    reader.commit().await.unwrap();
    let whole = store.prune(Pruning::before(before).limit(0)).await.unwrap();
    assert_eq!(whole.removed, 1);
    let partitions = store.partitions().await.unwrap();
    assert_eq!(partitions[0].name, "project_actions_2025_12");
}
