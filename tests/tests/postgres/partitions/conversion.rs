//! A Postgres table that is partitioned while it is in use. Nothing is lost, duplicated or blocked,
//! and every role keeps its rights.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use tokio_postgres::Client;
use tracker_core::{
    Activity, PostgresStore, Store,
    store::{
        Pruning,
        postgres::partitions::{PartitionError, Partitioned, Partitioning, Period, Progress, Step},
    },
    timeline::{Filter, Query},
};
use tracker_tests::{
    partitions::{BEGIN_MS, DAY_MS, id_at},
    postgres::{TestDatabase, eventually},
};

use super::{indexes, now_ms, number};

/// The longest that one statement of a writer may take while a table is converted; the lock for the change of names is waited for no longer than 0.2 s.
const WRITE_MAX: Duration = Duration::from_secs(5);

fn row(project_id: &str, at: i64) -> Activity {
    super::row(project_id, at).reference("deployment_id", id_at(at))
}

async fn filled(database: &TestDatabase, rows: i64) -> PostgresStore {
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let fill = format!(
        "INSERT INTO turbobackend.project_actions (action_id, project_id, action_details, created_at)
        SELECT
            overlay(lpad(to_hex(ms), 12, '0') PLACING '-' FROM 9 FOR 0) || '-7000-8000-' || lpad(to_hex(n), 12, '0'),
            'old', 'before', ms
        FROM generate_series(1, {rows}) AS n
        CROSS JOIN LATERAL (SELECT {BEGIN_MS} + n * ({} / {rows}) AS ms) AS times",
        200 * DAY_MS
    );
    database.connect().await.batch_execute(&fill).await.unwrap();
    store
}

async fn ids(client: &Client) -> Vec<String> {
    let rows = "SELECT action_id FROM turbobackend.project_actions ORDER BY 1";
    let rows = client.query(rows, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// The rows that a writer has left in the table, and the duration of its longest statement.
struct Kept {
    ids: BTreeSet<String>,
    longest: Duration,
}

/// Writes until it is told to stop. Removes every fifth row again, and changes another fifth.
async fn write_and_change(database: Arc<TestDatabase>, is_over: Arc<AtomicBool>) -> Kept {
    let store = PostgresStore::new(database.url()).unwrap();
    let client = database.connect().await;
    let mut kept = Kept {
        ids: BTreeSet::new(),
        longest: Duration::ZERO,
    };
    let mut number = 0_usize;
    while !is_over.load(Relaxed) {
        // Some rows are of now, and some come late for an old month.
        let at = if number.is_multiple_of(3) {
            BEGIN_MS + DAY_MS
        } else {
            now_ms()
        };
        let rows: Vec<_> = (0..10).map(|_| row("new", at)).collect();
        let began = Instant::now();
        store.write(rows.clone().into()).await.unwrap();
        for (place, row) in rows.into_iter().enumerate() {
            let id = row.action_id;
            match place % 5 {
                0 => {
                    let delete = "DELETE FROM turbobackend.project_actions WHERE action_id = $1";
                    assert_eq!(client.execute(delete, &[&id]).await.unwrap(), 1);
                }
                1 => {
                    let update = "UPDATE turbobackend.project_actions SET action_details = 'changed' WHERE action_id = $1";
                    assert_eq!(client.execute(update, &[&id]).await.unwrap(), 1);
                    kept.ids.insert(id);
                }
                _ => {
                    kept.ids.insert(id);
                }
            }
        }
        // Old rows change too, in the middle of those being copied.
        let update = "UPDATE turbobackend.project_actions SET action_details = 'after'
            WHERE action_id = (SELECT action_id FROM turbobackend.project_actions WHERE project_id = 'old' AND action_details = 'before' OFFSET $1 LIMIT 1)";
        let skip = i64::try_from(number * 37 % 500).unwrap();
        client.execute(update, &[&skip]).await.unwrap();
        kept.longest = kept.longest.max(began.elapsed());
        number += 1;
    }
    kept
}

#[track_caller]
fn assert_told_in_order(told: &[Progress]) {
    let copied = told.iter().filter(|told| told.step == Step::Copying);
    let copied: Vec<_> = copied.map(|told| told.done).collect();
    assert!(
        copied.is_sorted() && copied.last() >= Some(&60_000),
        "{copied:?}"
    );
}

/// Asserts that all indexes have their names, and that no row is in the default partition.
async fn assert_nothing_is_left(client: &Client) {
    let default = "SELECT count(*) FROM turbobackend.project_actions_default";
    assert_eq!(number(client, default).await, 0);
    let left =
        "SELECT count(*) FROM pg_class WHERE relname LIKE 'project\\_actions\\_%partitioned%'
        OR relname IN ('project_actions_conversion', 'project_actions_changed')";
    assert_eq!(number(client, left).await, 0);
    // The indexes have their names, and so have those of each partition their parents.
    assert_eq!(
        indexes(client).await,
        [
            "project_actions_created_at",
            "project_actions_pkey",
            "project_actions_reference_ids",
            "project_actions_request_seconds",
            "project_actions_seconds",
            "project_actions_type_seconds",
            "project_actions_untimed",
        ]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_kept_waiting_while_writers_change_rows_and_readers_read() {
    const OLD: i64 = 60_000;

    let database = Arc::new(TestDatabase::create().await);
    let store = filled(&database, OLD).await;
    let client = database.connect().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..3)
        .map(|_| {
            tokio::spawn(write_and_change(
                Arc::clone(&database),
                Arc::clone(&is_over),
            ))
        })
        .collect();
    let reader = {
        let (store, is_over) = (store.clone(), Arc::clone(&is_over));
        tokio::spawn(async move {
            let mut reads = 0;
            while !is_over.load(Relaxed) {
                let page = store.timeline(Query::project("old")).await.unwrap();
                assert_eq!(page.activities.len(), 50);
                assert_eq!(store.count(Filter::project("old")).await.unwrap(), 60_000);
                reads += 1;
            }
            reads
        })
    };
    eventually(
        &client,
        "SELECT count(*) > 100 FROM turbobackend.project_actions WHERE project_id = 'new'",
    )
    .await;
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let converted = PostgresStore::new(database.url())
        .unwrap()
        .partition(Partitioning::by(Period::Month), move |progress| {
            telling.lock().unwrap().push(progress);
        })
        .await
        .unwrap();
    let written = "SELECT count(*) FROM turbobackend.project_actions WHERE project_id = 'new'";
    let then = number(&client, written).await;
    eventually(&client, &format!("SELECT count(*) > {then} + 100 FROM turbobackend.project_actions WHERE project_id = 'new'")).await;
    is_over.store(true, Relaxed);

    let mut kept = BTreeSet::new();
    for writer in writers {
        let one = writer.await.unwrap();
        assert!(one.longest < WRITE_MAX, "{:?}", one.longest);
        kept.extend(one.ids);
    }
    assert!(reader.await.unwrap() > 1);
    assert!(
        matches!(converted, Partitioned::Converted { rows } if rows >= 60_000),
        "{converted:?}"
    );
    assert_told_in_order(&told.lock().unwrap());

    let found = ids(&client).await;
    assert_eq!(
        found.iter().collect::<BTreeSet<_>>().len(),
        found.len(),
        "none is there twice"
    );
    let new = "SELECT action_id FROM turbobackend.project_actions WHERE project_id = 'new'";
    let new = client.query(new, &[]).await.unwrap();
    let new: BTreeSet<String> = new.iter().map(|row| row.get(0)).collect();
    assert!(
        new == kept,
        "missing: {:?}, too many: {:?}",
        kept.difference(&new).count(),
        new.difference(&kept).count()
    );
    assert_eq!(store.count(Filter::project("old")).await.unwrap(), 60_000);
    assert_nothing_is_left(&client).await;
    store.check().await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn changes_of_rows_reach_the_partitioned_table_whatever_their_transaction_sees() {
    let database = TestDatabase::create().await;
    let store = filled(&database, 30_000).await;
    let mut client = database.connect().await;
    let (old, gone, again) = {
        let ids = ids(&client).await;
        (ids[10].clone(), ids[20].clone(), ids[30].clone())
    };
    // The transaction's snapshot is from before the conversion. Its change comes after all rows are
    // copied, and is committed before the names change.
    let transaction = client
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .start()
        .await
        .unwrap();
    let select = "SELECT count(*) FROM turbobackend.project_actions_other";
    transaction
        .batch_execute("CREATE TABLE turbobackend.project_actions_other (n INT)")
        .await
        .unwrap();
    transaction.query_one(select, &[]).await.unwrap();
    let converting = store.clone();
    let conversion = tokio::spawn(async move {
        converting
            .partition(Partitioning::by(Period::Month), |_| ())
            .await
    });
    let watcher = database.connect().await;
    eventually(
        &watcher,
        "SELECT to_regclass('turbobackend.project_actions_conversion') IS NOT NULL",
    )
    .await;
    eventually(
        &watcher,
        "SELECT COALESCE(copied >= 30000, false) FROM turbobackend.project_actions_conversion",
    )
    .await;
    for statement in [
        format!(
            "UPDATE turbobackend.project_actions SET action_details = 'after' WHERE action_id = '{old}'"
        ),
        format!("DELETE FROM turbobackend.project_actions WHERE action_id = '{gone}'"),
        format!("DELETE FROM turbobackend.project_actions WHERE action_id = '{again}'"),
        format!(
            "INSERT INTO turbobackend.project_actions (action_id, project_id, action_details) VALUES ('{again}', 'old', 'again')"
        ),
    ] {
        transaction.batch_execute(&statement).await.unwrap();
    }
    transaction.commit().await.unwrap();
    conversion.await.unwrap().unwrap();
    let details = async |id: &str| {
        let activity = store.activity("old", id).await.unwrap();
        activity.map(|activity| activity.action_details.unwrap_or_default())
    };
    assert_eq!(details(&old).await.as_deref(), Some("after"));
    assert_eq!(details(&gone).await, None);
    assert_eq!(details(&again).await.as_deref(), Some("again"));
    assert_eq!(store.count(Filter::project("old")).await.unwrap(), 29_999);
}

#[tokio::test]
async fn a_collation_that_sorts_by_numbers_is_refused_and_nothing_is_changed() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client
        .batch_execute(
            "CREATE COLLATION by_number (provider = icu, locale = 'en-u-kn-true');
            CREATE SCHEMA turbobackend;
            CREATE TABLE turbobackend.project_actions (
                action_id VARCHAR COLLATE by_number PRIMARY KEY, project_id VARCHAR, user_id VARCHAR, request_id VARCHAR,
                action_type VARCHAR, action_details VARCHAR, status VARCHAR, environment VARCHAR, created_at BIGINT
            )",
        )
        .await
        .unwrap();
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let conversion = store.partition(Partitioning::by(Period::Day), |_| ());
    let error = conversion.await.unwrap_err();
    assert!(
        matches!(error, PartitionError::Collation { .. }),
        "{error:?}"
    );
    assert_eq!(store.partitions().await.unwrap(), []);
    let left = "SELECT to_regclass('turbobackend.project_actions_partitions') IS NULL";
    assert!(client.query_one(left, &[]).await.unwrap().get::<_, bool>(0));
}

#[tokio::test]
async fn everybody_may_do_what_they_could_and_the_owner_stays_the_same() {
    let database = TestDatabase::create().await;
    let name = database.url().rsplit('/').next().unwrap().to_owned();
    let owner = database
        .create_role(&format!("GRANT CREATE ON DATABASE {name} TO {{role}}"))
        .await;
    PostgresStore::new(&*owner)
        .unwrap()
        .migrate()
        .await
        .unwrap();
    let usage = "GRANT USAGE ON SCHEMA turbobackend TO {role};";
    let roles = [
        "GRANT INSERT ON turbobackend.project_actions TO {role}",
        "GRANT SELECT (action_id, project_id, user_id, request_id, action_type, action_details, status, environment, reference_ids, created_at) ON turbobackend.project_actions TO {role}",
        "GRANT SELECT, DELETE ON turbobackend.project_actions TO {role}",
    ];
    let mut stores = Vec::new();
    for grants in roles {
        let url = database.create_role(&format!("{usage} {grants}")).await;
        stores.push(PostgresStore::new(url).unwrap());
    }
    let client = database.connect().await;
    client
        .batch_execute("COMMENT ON TABLE turbobackend.project_actions IS 'Who did what'; COMMENT ON COLUMN turbobackend.project_actions.user_id IS 'Who'")
        .await
        .unwrap();
    stores[0]
        .write(vec![row("p", BEGIN_MS)].into())
        .await
        .unwrap();
    // The conversion runs as a superuser, who owns none of it.
    let superuser = PostgresStore::new(database.url()).unwrap();
    let converted = superuser.partition(Partitioning::by(Period::Day), |_| ());
    converted.await.unwrap();
    let owners =
        "SELECT count(DISTINCT relowner), min(relowner::regrole::text) <> 'postgres' FROM pg_class
        WHERE relnamespace = 'turbobackend'::regnamespace";
    let owners = client.query_one(owners, &[]).await.unwrap();
    assert_eq!(
        (owners.get::<_, i64>(0), owners.get::<_, bool>(1)),
        (1, true)
    );
    let comments = "SELECT obj_description('turbobackend.project_actions'::regclass), col_description('turbobackend.project_actions'::regclass, 3)";
    let comments = client.query_one(comments, &[]).await.unwrap();
    assert_eq!(
        (comments.get::<_, &str>(0), comments.get::<_, &str>(1)),
        ("Who did what", "Who")
    );

    let [worker, console, pruner] = <[_; 3]>::try_from(stores).unwrap();
    worker.check().await.unwrap();
    worker.write(vec![row("p", now_ms())].into()).await.unwrap();
    assert!(worker.timeline(Query::project("p")).await.is_err());
    assert_eq!(
        console
            .timeline(Query::project("p"))
            .await
            .unwrap()
            .activities
            .len(),
        2
    );
    assert!(
        console
            .write(vec![row("p", now_ms())].into())
            .await
            .is_err()
    );
    assert_eq!(
        pruner
            .prune(Pruning::before(now_ms() - DAY_MS))
            .await
            .unwrap()
            .removed,
        1
    );
    // A role that is created later needs only the same grants.
    let later = database
        .create_role(&format!(
            "{usage} GRANT SELECT ON turbobackend.project_actions TO {{role}}"
        ))
        .await;
    let later = PostgresStore::new(later).unwrap();
    assert_eq!(later.count(Filter::project("p")).await.unwrap(), 1);
}

#[tokio::test]
async fn a_table_is_partitioned_once_and_by_one_period() {
    let database = TestDatabase::create().await;
    let store = filled(&database, 100).await;
    let by = async |partitioning| store.partition(partitioning, |_| ()).await;
    let kept = by(Partitioning::by(Period::Month).keep_old(true))
        .await
        .unwrap();
    assert_eq!(kept, Partitioned::Converted { rows: 100 });
    let client = database.connect().await;
    let old = "SELECT count(*) FROM turbobackend.project_actions_unpartitioned";
    assert_eq!(number(&client, old).await, 100);
    let kept = by(Partitioning::by(Period::Month).keep_old(true))
        .await
        .unwrap();
    assert_eq!(kept, Partitioned::Already);
    assert_eq!(number(&client, old).await, 100);
    let another = by(Partitioning::by(Period::Day)).await.unwrap_err();
    assert!(
        matches!(
            another,
            PartitionError::AnotherPeriod {
                is: Period::Month,
                ..
            }
        ),
        "{another:?}"
    );
    assert_eq!(
        by(Partitioning::by(Period::Month)).await.unwrap(),
        Partitioned::Already
    );
    assert!(client.query_one(old, &[]).await.is_err());
    let partitions = store.partitions().await.unwrap();
    assert_eq!(partitions[0].name, "project_actions_2025_11");
    assert_eq!(
        partitions[0].ids.as_ref().unwrap().0,
        "019a3cb6-bc00-0000-0000-000000000000"
    );
}

#[tokio::test]
async fn a_table_with_other_indexes_and_columns_keeps_them() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    let store = filled(&database, 100).await;
    client
        .batch_execute(
            "ALTER TABLE turbobackend.project_actions DROP CONSTRAINT project_actions_pkey;
            ALTER TABLE turbobackend.project_actions ADD COLUMN odd INT DEFAULT 7;
            ALTER TABLE turbobackend.project_actions DROP COLUMN odd, ADD COLUMN other INT DEFAULT 8 CHECK (other > 0);
            CREATE UNIQUE INDEX another_name ON turbobackend.project_actions (action_id) INCLUDE (status);
            CREATE INDEX \"Plain one\" ON turbobackend.project_actions (lower(request_id)) WHERE status = ' USING '",
        )
        .await
        .unwrap();
    let converted = store.partition(Partitioning::by(Period::Month), |_| ());
    assert_eq!(
        converted.await.unwrap(),
        Partitioned::Converted { rows: 100 }
    );
    store.check().await.unwrap();
    store.write(vec![row("p", now_ms())].into()).await.unwrap();
    let others = "SELECT count(*) FROM turbobackend.project_actions WHERE other = 8";
    assert_eq!(number(&client, others).await, 101);
    let indexes = indexes(&client).await;
    for kept in ["another_name", "Plain one"] {
        assert!(indexes.iter().any(|name| name == kept), "{indexes:?}");
    }
}

#[tokio::test]
async fn a_store_that_has_read_before_notices_that_the_table_is_partitioned_by_another() {
    let database = TestDatabase::create().await;
    let store = filled(&database, 100).await;
    assert_eq!(store.count(Filter::project("old")).await.unwrap(), 100);
    let another = PostgresStore::new(database.url()).unwrap();
    let converted = another.partition(Partitioning::by(Period::Month), |_| ());
    converted.await.unwrap();
    assert_eq!(store.count(Filter::project("old")).await.unwrap(), 100);
    store.write(vec![row("p", now_ms())].into()).await.unwrap();
    assert_eq!(
        store
            .timeline(Query::project("p"))
            .await
            .unwrap()
            .activities
            .len(),
        1
    );
    // The store can drop whole partitions at once.
    let whole = Pruning::before(BEGIN_MS + 60 * DAY_MS).limit(0);
    assert!(store.prune(whole).await.unwrap().removed > 10);
}

#[tokio::test]
async fn a_long_transaction_holds_a_conversion_up_and_no_writer() {
    let database = TestDatabase::create().await;
    let store = filled(&database, 100).await;
    let mut client = database.connect().await;
    let holder = client.transaction().await.unwrap();
    holder
        .batch_execute("LOCK TABLE turbobackend.project_actions IN ROW EXCLUSIVE MODE")
        .await
        .unwrap();
    let converting = store.clone();
    let conversion = tokio::spawn(async move {
        converting
            .partition(Partitioning::by(Period::Month), |_| ())
            .await
    });
    // The conversion's waits for its lock are short, so that no writer waits for long.
    for _ in 0..10 {
        let began = Instant::now();
        store.write(vec![row("p", now_ms())].into()).await.unwrap();
        assert!(began.elapsed() < WRITE_MAX);
    }
    holder.commit().await.unwrap();
    assert_eq!(
        conversion.await.unwrap().unwrap(),
        Partitioned::Converted { rows: 110 }
    );
}
