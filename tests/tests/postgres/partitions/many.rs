//! A table of many partitions. A count looks at some of them at a time, and one count runs at a
//! time.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::timeout;
use tracker_core::{
    MemoryStore, PostgresStore, Store, StoreError,
    store::postgres::partitions::{Partitioning, Period},
    timeline::{Counting, Filter, UtcOffsets},
};
use tracker_tests::{
    partitions::DAY_MS,
    postgres::{TestDatabase, eventually},
};

use super::{super::projects::all_ids, filled, now_ms, number, row};

const LIMIT: Duration = Duration::from_mins(1);

/// The number of days with rows. There are three partitions more.
const DAYS: i64 = 110;

async fn by_day(database: &TestDatabase) -> PostgresStore {
    let store = filled(database.url(), "turbobackend", DAYS).await;
    let partitioned = store.partition(Partitioning::by(Period::Day), |_| ());
    partitioned.await.unwrap();
    store
}

#[tokio::test]
async fn projects_are_listed_in_slices_in_the_order_of_bytes() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = by_day(&database).await;
    let begin = now_ms() - DAYS * DAY_MS;
    let rows = (0..DAYS).flat_map(|day| {
        let at = begin + day * DAY_MS;
        let ids = [
            format!("p{}", day % 7),
            format!("P-{}", day % 11),
            format!("only on {day}"),
        ];
        ids.map(|id| row(&id, at))
    });
    let mut rows: Vec<_> = rows.collect();
    let mut untimed = row("untimed", begin);
    untimed.created_at = None;
    rows.push(untimed);
    store.write(rows.into()).await.unwrap();
    let ids = "SELECT DISTINCT project_id COLLATE \"C\" AS id FROM turbobackend.project_actions ORDER BY id";
    let expected = client.query(ids, &[]).await.unwrap();
    let expected: Vec<String> = expected.iter().map(|row| row.get(0)).collect();
    for limit in [7, 200] {
        assert_eq!(all_ids(&store, limit).await, expected);
    }
    let memory = MemoryStore::new();
    memory
        .write(store.scan(None, 100_000).await.unwrap().into())
        .await
        .unwrap();
    for created_after in [begin, begin + 60 * DAY_MS, now_ms() - 30 * DAY_MS, i64::MAX] {
        let of = async |store: &dyn Store| {
            let summaries = store
                .project_summaries(expected.clone(), created_after)
                .await;
            summaries.unwrap()
        };
        assert_eq!(of(&store).await, of(&memory).await, "{created_after}");
    }
}

#[tokio::test]
async fn counts_and_exports_in_slices_have_each_row_once() {
    let database = TestDatabase::create().await;
    let store = by_day(&database).await;
    let client = database.connect().await;
    // A gap between partitions, whose rows are in the default partition.
    let gone = &store.partitions().await.unwrap()[39].name;
    client
        .batch_execute(&format!(
            "DROP TABLE turbobackend.{gone}; DELETE FROM turbobackend.project_actions_partitions WHERE name = '{gone}'"
        ))
        .await
        .unwrap();
    let begin = now_ms() - DAYS * DAY_MS;
    let at = |day: i64| begin + day * DAY_MS;
    let mut odd: Vec<_> = [3, 39, 50, 105].map(|day| row("old", at(day) + 7)).into();
    for (id, time) in [
        ("", Some(at(1))),
        ("order-7", Some(at(60))),
        ("~", None),
        ("Z", Some(i64::MAX)),
    ] {
        let mut row = row("old", 0);
        (row.action_id, row.created_at) = (id.to_owned(), time);
        odd.push(row);
    }
    // These rows belong to a partition by their ID, but have the time of another one or of none.
    for time in [Some(at(2)), Some(-1), None] {
        let mut row = row("old", at(100));
        row.created_at = time;
        odd.push(row);
    }
    store.write(odd.into()).await.unwrap();
    let memory = MemoryStore::new();
    let everything = "SELECT count(*) FROM turbobackend.project_actions";
    let mut after = None;
    let mut exported = Vec::new();
    loop {
        let some = store.scan(after, 7).await.unwrap();
        after = some.last().map(|row| row.action_id.clone());
        if some.is_empty() {
            break;
        }
        exported.extend(some);
    }
    let ids =
        "SELECT string_agg(action_id, ' ' ORDER BY action_id) FROM turbobackend.project_actions";
    let ids: String = client.query_one(ids, &[]).await.unwrap().get(0);
    let exported_ids: Vec<_> = exported.iter().map(|row| &*row.action_id).collect();
    assert_eq!(exported_ids.join(" "), ids);
    assert_eq!(
        i64::try_from(exported.len()).unwrap(),
        number(&client, everything).await
    );

    memory.write(exported.into()).await.unwrap();
    for (after, before) in [
        (None, None),
        (Some(at(0)), Some(at(80))),
        (Some(at(35)), None),
        (None, Some(at(45))),
        (Some(at(60)), Some(at(61))),
        (Some(at(5_000)), None),
    ] {
        let mut filter = Filter::project("old");
        if let Some(after) = after {
            filter = filter.created_after(after);
        }
        if let Some(before) = before {
            filter = filter.created_before(before);
        }
        let counted = store.count(filter.clone()).await.unwrap();
        assert_eq!(
            counted,
            memory.count(filter.clone()).await.unwrap(),
            "{filter:?}"
        );
        let days = store
            .counts(Counting::by_day(filter.clone(), UtcOffsets::fixed(3_600)))
            .await
            .unwrap();
        assert_eq!(
            days,
            memory
                .counts(Counting::by_day(filter.clone(), UtcOffsets::fixed(3_600)))
                .await
                .unwrap(),
            "{filter:?}"
        );
        let before = before.unwrap_or(i64::MAX);
        let counted = store.count_before(before).await.unwrap();
        assert_eq!(
            counted,
            memory.count_before(before).await.unwrap(),
            "{before}"
        );
    }
}

/// Selects the granted locks of sessions that count. These sessions wait for the default partition.
const COUNTING: &str = "FROM pg_locks AS held
    WHERE held.granted AND held.locktype = 'relation' AND held.pid <> pg_backend_pid()
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND EXISTS (
            SELECT FROM pg_locks AS waited
            WHERE waited.pid = held.pid AND NOT waited.granted AND waited.relation = 'turbobackend.project_actions_default'::regclass
        )";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_count_is_at_work_at_a_time_with_few_locks_and_others_wait_for_their_turn() {
    let database = TestDatabase::create().await;
    let store = by_day(&database).await;
    let client = database.connect().await;
    let partitions = store.partitions().await.unwrap().len();
    assert!(partitions > 100, "{partitions}");
    // The kept counts don't know the times within a quarter of an hour.
    let by_rows = || Filter::project("old").created_after(1);
    let all = store.count(by_rows()).await.unwrap();
    let rows = store.scan(None, 1).await.unwrap();
    let some = &rows[0];
    // A count of the default partition waits for this lock.
    let mut other = database.connect().await;
    let holder = other.transaction().await.unwrap();
    holder
        .batch_execute("LOCK TABLE turbobackend.project_actions_default IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let counting = |store: &PostgresStore| {
        let store = store.clone();
        tokio::spawn(async move { store.count(by_rows()).await })
    };
    let first = counting(&store);
    eventually(&client, &format!("SELECT count(*) > 0 {COUNTING}")).await;
    let counts: Vec<_> = (0..8).map(|_| counting(&store)).collect();
    // Waiting counts hold no connection that others need.
    let found = timeout(LIMIT, store.activity("old", &some.action_id))
        .await
        .unwrap();
    assert_eq!(found.unwrap().as_ref(), Some(some));
    let locks = number(&client, &format!("SELECT count(*) {COUNTING}")).await;
    // The locks are on 32 partitions, the default one and the parent, each with seven indexes.
    assert!((1..=8 * 34).contains(&locks), "{locks} locks");
    let busy = number(
        &client,
        &format!("SELECT count(DISTINCT held.pid) {COUNTING}"),
    )
    .await;
    assert_eq!(busy, 1);
    // A count that is dropped lets the next one run.
    first.abort();
    assert!(first.await.is_err());
    counts[7].abort();
    holder.rollback().await.unwrap();
    let counted = timeout(LIMIT, join_all(counts)).await.unwrap();
    for counted in &counted[..7] {
        let counted: &Result<u64, StoreError> = counted.as_ref().unwrap();
        assert_eq!(*counted.as_ref().unwrap(), all);
    }
}
