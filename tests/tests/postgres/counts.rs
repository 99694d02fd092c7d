//! The counts that triggers keep are those of the rows, whoever changes these.

use std::process::Command;

use fastrand::Rng;
use futures_util::future::join_all;
use tokio_postgres::Client;
use tracker_core::{
    PostgresStore, Store,
    store::{
        Pruning,
        postgres::partitions::{Partitioning, Period},
    },
    timeline::{Counting, Counts, Filter, Place, UtcOffsets},
};
use tracker_tests::{
    arrivals::all_settled,
    postgres::{TestDatabase, binary, eventually},
    pruning::prune,
};

const DAY: i64 = 86_400_000;
const HOUR: i32 = 3_600;

/// Adds rows of a few projects and types, at times around the epoch and at the ends of all times.
const ADD: &str = "
    INSERT INTO turbobackend.project_actions (action_id, project_id, action_type, status, created_at)
    SELECT
        gen_random_uuid()::text, (ARRAY['a', 'b', 'Ä', NULL])[1 + n * $2 % 4], (ARRAY['x', 'y', '', NULL])[1 + n * $2 / 4 % 4],
        (ARRAY['success', 'failure', 'panicked', NULL])[1 + n * $2 / 16 % 4],
        CASE
            WHEN n % 41 = 0 THEN NULL
            WHEN n % 41 = 1 AND n * $2 % 4 = 1 THEN -9223372036854775808
            WHEN n % 41 = 2 AND n * $2 % 4 = 1 THEN 9223372036854775807
            ELSE (n * $2 * 7919 % 400000 - 200000) * 1000
        END
    FROM generate_series(1, $1::bigint) AS n";

const CHANGE: &str = "
    UPDATE turbobackend.project_actions
    SET project_id = 'b', created_at = created_at / 2 + 1, status = 'cancelled'
    WHERE hashtext(action_id) % 13 = $1::int";

const REMOVE: &str =
    "DELETE FROM turbobackend.project_actions WHERE hashtext(action_id) % 7 = $1::int";

/// Makes all changes due, and adds them to the counts.
const FOLD: &str = "
    UPDATE turbobackend.project_actions_count_state SET due_since = '-infinity';
    SELECT turbobackend.project_actions_count_fold()";

/// Reads a store by rows alone, in a database where nobody may use the counts.
struct Compared {
    database: TestDatabase,
    kept: PostgresStore,
    client: Client,
    by_rows: PostgresStore,
}

impl Compared {
    async fn new() -> Self {
        let database = TestDatabase::create().await;
        let kept = PostgresStore::new(database.url()).unwrap();
        kept.migrate().await.unwrap();
        let reader = "GRANT USAGE ON SCHEMA turbobackend TO {role};
            GRANT SELECT ON turbobackend.project_actions TO {role};
            REVOKE EXECUTE ON FUNCTION turbobackend.project_actions_counted FROM PUBLIC";
        let reader = database.create_role(reader).await;
        Self {
            client: database.connect().await,
            by_rows: PostgresStore::new(reader).unwrap(),
            kept,
            database,
        }
    }

    async fn add(&self, rows: i64) {
        self.client.execute(ADD, &[&rows, &1_i64]).await.unwrap();
    }

    async fn are_in_use(&self) -> bool {
        let asked = "SELECT turbobackend.project_actions_count_is_current()";
        let row = self.client.query_one(asked, &[]).await.unwrap();
        row.get::<_, Option<bool>>(0) == Some(true)
    }

    /// Asserts that both count the same, of all and of some times, in several zones, before each
    /// place.
    async fn assert_equal(&self, places: &[Place]) {
        let zones = [
            UtcOffsets::default(),
            UtcOffsets::fixed(5 * HOUR + HOUR / 2),
            UtcOffsets::fixed(-4_562),
            UtcOffsets::changing(HOUR, [(-3 * DAY / 2 + 1, 0), (DAY + 450_000, 2 * HOUR)]),
        ];
        for project in ["a", "b", "Ä", "none"] {
            let all = Filter::project(project);
            let some = all
                .clone()
                .created_after(-DAY)
                .created_before(DAY + 900_000);
            for filter in [all.clone(), some, all.created_before(77)] {
                let counted = self.kept.count(filter.clone()).await.unwrap();
                assert_eq!(counted, self.by_rows.count(filter.clone()).await.unwrap());
                for zone in &zones {
                    self.assert_same(&Counting::by_day(filter.clone(), zone.clone()), places)
                        .await;
                    self.assert_same(&Counting::by_hour(filter.clone(), zone.clone()), places)
                        .await;
                }
            }
        }
    }

    async fn assert_same(&self, counting: &Counting, places: &[Place]) {
        let divided = places
            .iter()
            .map(|place| counting.clone().arrived_before(place.clone()));
        for counting in divided.chain([counting.clone()]) {
            let [kept, by_rows]: [Vec<Counts>; 2] = [
                self.kept.counts(counting.clone()).await.unwrap(),
                self.by_rows.counts(counting.clone()).await.unwrap(),
            ];
            assert_eq!(kept, by_rows, "{counting:?}");
        }
    }
}

/// Several sessions change rows at once, in transactions of which some are rolled back, while
/// others add up the changes. At each point of rest the counts are those of the rows.
#[tokio::test]
async fn counts_are_those_of_the_rows_whatever_changes_them() {
    let compared = Compared::new().await;
    let mut places = vec![all_settled(&compared.kept).await];
    let mut random = Rng::with_seed(7);
    for round in 0..4 {
        let clients = join_all((0..4).map(|_| compared.database.connect())).await;
        let changes = clients.iter().map(|client| {
            let seed = random.u64(..);
            change(client, seed)
        });
        join_all(changes).await;
        if round == 2 {
            let before = Pruning::before(-DAY);
            prune(&compared.kept, before).await;
        }
        assert!(compared.are_in_use().await);
        compared.assert_equal(&places).await;
        compared.client.batch_execute(FOLD).await.unwrap();
        compared.assert_equal(&places[places.len() - 1..]).await;
        places.push(all_settled(&compared.kept).await);
    }
    let rows = "SELECT count(*) FROM turbobackend.project_actions";
    let rows: i64 = compared.client.query_one(rows, &[]).await.unwrap().get(0);
    assert!(rows > 100, "{rows}");
}

/// Makes some changes in transactions of random ends.
async fn change(client: &Client, seed: u64) {
    let mut random = Rng::with_seed(seed);
    for _ in 0..8 {
        client.batch_execute("BEGIN").await.unwrap();
        for _ in 0..random.u8(1..3) {
            let remainder = random.i32(0..7);
            let changed = match random.u8(0..8) {
                0 => client.execute(CHANGE, &[&remainder]).await,
                1 => client.execute(REMOVE, &[&remainder]).await,
                2 => client.batch_execute(FOLD).await.map(|()| 0),
                _ => {
                    let (rows, seed) = (random.i64(1..120), random.i64(1..1_000));
                    client.execute(ADD, &[&rows, &seed]).await
                }
            };
            // Two sessions may wait for each other; then one is rolled back.
            if changed.is_err() {
                break;
            }
        }
        let end = ["COMMIT", "COMMIT", "ROLLBACK"][random.usize(0..3)];
        client.batch_execute(end).await.unwrap();
    }
}

/// Ends the session that migrates, as a kill does, once it waits for a lock.
async fn end_migrating(client: &Client, statement: &str) {
    let waits = format!(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND query LIKE '%{statement}%' AND pid <> pg_backend_pid() AND wait_event_type = 'Lock')"
    );
    eventually(client, &waits).await;
    let end = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
        AND query LIKE '%{statement}%' AND pid <> pg_backend_pid()"
    );
    client.batch_execute(&end).await.unwrap();
}

/// Counting begins behind a writer and ends behind another session. It is killed at both.
#[tokio::test]
async fn counting_that_was_killed_is_done_by_the_next_migrating_while_others_write() {
    let compared = Compared::new().await;
    let client = &compared.client;
    let forget = "DELETE FROM turbobackend.project_actions_count_state";
    client.batch_execute(forget).await.unwrap();
    compared.add(500).await;
    let migrating = || {
        let store = compared.kept.clone();
        tokio::spawn(async move { store.migrate().await })
    };

    let writer = compared.database.connect().await;
    writer.batch_execute("BEGIN").await.unwrap();
    writer.execute(ADD, &[&7_i64, &2_i64]).await.unwrap();
    let killed = migrating();
    end_migrating(client, "project_actions_counts OWNER").await;
    killed.await.unwrap().unwrap_err();
    writer.batch_execute("COMMIT").await.unwrap();
    assert!(!compared.are_in_use().await);
    compared.assert_equal(&[]).await;

    let lock = "SELECT pg_advisory_lock(hashtextextended('counts of ' || 'turbobackend.project_actions'::regclass::oid, 0))";
    writer.batch_execute(lock).await.unwrap();
    let killed = migrating();
    compared.add(50).await;
    end_migrating(client, "count_all").await;
    killed.await.unwrap().unwrap_err();
    assert!(!compared.are_in_use().await);
    compared.assert_equal(&[]).await;

    let last = migrating();
    let waits = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND query LIKE '%count_all%' AND pid <> pg_backend_pid() AND wait_event_type = 'Lock')";
    eventually(client, waits).await;
    compared.add(60).await;
    client.execute(REMOVE, &[&2_i32]).await.unwrap();
    writer
        .batch_execute("SELECT pg_advisory_unlock_all()")
        .await
        .unwrap();
    last.await.unwrap().unwrap();
    compared.add(70).await;
    assert!(compared.are_in_use().await);
    compared
        .assert_equal(&[all_settled(&compared.kept).await])
        .await;
}

/// Each of these changes what the counts do not follow. They are out of use until they are made
/// anew.
#[tokio::test]
async fn counts_that_could_be_wrong_are_not_used_and_made_anew_by_migrating() {
    let compared = Compared::new().await;
    for change in [
        "SET session_replication_role = replica; DELETE FROM project_actions WHERE project_id = 'b'; RESET session_replication_role",
        "ALTER TABLE project_actions DISABLE TRIGGER USER; DELETE FROM project_actions WHERE action_type = 'x';
            ALTER TABLE project_actions ENABLE TRIGGER USER",
        "DROP TRIGGER project_actions_count_insert ON project_actions; UPDATE project_actions SET action_id = action_id || 'o'",
        "TRUNCATE project_actions",
        "ALTER TABLE project_actions RENAME TO former; CREATE TABLE project_actions (LIKE former INCLUDING ALL);
            INSERT INTO project_actions SELECT * FROM former WHERE project_id = 'a'; DELETE FROM former;
            GRANT SELECT ON project_actions TO PUBLIC",
    ] {
        compared.add(200).await;
        assert!(compared.are_in_use().await);
        let change = format!("SET search_path = turbobackend; {change}");
        compared.client.batch_execute(&change).await.unwrap();
        assert!(!compared.are_in_use().await, "{change}");
        let notes = compared.kept.notes().await.unwrap();
        assert!(notes.iter().any(|note| note.contains("kept counts")), "{notes:?}");
        compared.assert_equal(&[]).await;
        compared.kept.migrate().await.unwrap();
        assert!(compared.are_in_use().await, "{change}");
        assert_eq!(compared.kept.notes().await.unwrap(), [""; 0]);
        compared.assert_equal(&[]).await;
    }
}

#[tokio::test]
async fn rows_of_changes_are_small_however_much_a_statement_changes() {
    const SPREAD: &str = "
        INSERT INTO turbobackend.project_actions (action_id, project_id, action_type, status, created_at)
        SELECT gen_random_uuid()::text, CASE WHEN n > 2500 THEN 'other_' || n ELSE 'a' END, 'x', 'success', n * 900000
        FROM generate_series(1, 3000::bigint) AS n";
    const SIZES: &str = "
        SELECT count(*), coalesce(max(cardinality(quarters)), 0)
        FROM turbobackend.project_actions_count_changes";
    let compared = Compared::new().await;
    let sizes = async || -> (i64, i32) {
        let row = compared.client.query_one(SIZES, &[]).await.unwrap();
        (row.get(0), row.get(1))
    };
    compared.client.execute(SPREAD, &[]).await.unwrap();
    let (rows, largest) = sizes().await;
    assert!((4..=20).contains(&rows), "{rows}");
    assert!((200..=1_400).contains(&largest), "{largest}");
    compared.assert_equal(&[]).await;

    // Changes are due from the second time on.
    for _ in 0..3 {
        compared.client.batch_execute(FOLD).await.unwrap();
    }
    assert_eq!(sizes().await, (0, 0));
    compared.assert_equal(&[]).await;
}

/// A transaction may have a later ID than its snapshot's end, where an earlier one is still open.
#[tokio::test]
async fn changes_of_the_transaction_that_adds_them_up_are_not_taken_for_old_ones() {
    let compared = Compared::new().await;
    compared.client.batch_execute(FOLD).await.unwrap();
    let place = all_settled(&compared.kept).await;
    let earlier = compared.database.connect().await;
    earlier
        .batch_execute("BEGIN; SELECT pg_current_xact_id()")
        .await
        .unwrap();
    let client = &compared.client;
    client.batch_execute("BEGIN").await.unwrap();
    compared.add(50).await;
    client.batch_execute("SAVEPOINT nested").await.unwrap();
    compared.add(50).await;
    client.batch_execute(FOLD).await.unwrap();
    client.batch_execute("COMMIT").await.unwrap();
    earlier.batch_execute("COMMIT").await.unwrap();
    compared.assert_equal(&[place]).await;
}

/// The counts stay in use while the table is put into partitions, and these come and go.
#[tokio::test]
async fn counts_follow_a_table_into_partitions() {
    let compared = Compared::new().await;
    compared.add(300).await;
    let by_month = || {
        compared
            .kept
            .partition(Partitioning::by(Period::Month), |_| ())
    };
    by_month().await.unwrap();
    assert!(compared.are_in_use().await);
    compared.add(100).await;
    let first_id = "overlay(lpad(to_hex(extract(epoch FROM now() - interval '70 days')::bigint * 1000 + $1), 12, '0')
        || '-7000-8000-000000000000' PLACING '-' FROM 9 FOR 0)";
    let old = format!(
        "SELECT turbobackend.project_actions_make_partition('turbobackend.project_actions', 'month', now() - interval '70 days');
        INSERT INTO turbobackend.project_actions (action_id, project_id, action_type, created_at)
        SELECT {0}, 'a', 'x', (extract(epoch FROM now() - interval '70 days') * 1000)::bigint + n FROM generate_series(1, 40) AS n",
        first_id.replace("$1", "n")
    );
    compared.client.batch_execute(&old).await.unwrap();
    assert!(compared.are_in_use().await);
    compared.assert_equal(&[]).await;
    let place = all_settled(&compared.kept).await;
    let direct =
        "UPDATE turbobackend.project_actions_default SET action_type = 'y' WHERE project_id = 'b';
        DELETE FROM turbobackend.project_actions_default WHERE project_id = 'Ä'";
    compared.client.batch_execute(direct).await.unwrap();
    compared.assert_equal(std::slice::from_ref(&place)).await;

    let names = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'turbobackend.project_actions'::regclass";
    let partitions =
        async || -> i64 { compared.client.query_one(names, &[]).await.unwrap().get(0) };
    let there = partitions().await;
    let month_ago = "SELECT (extract(epoch FROM now() - interval '35 days') * 1000)::bigint";
    let month_ago: i64 = compared
        .client
        .query_one(month_ago, &[])
        .await
        .unwrap()
        .get(0);
    prune(&compared.kept, Pruning::before(month_ago)).await;
    assert_eq!(partitions().await, there - 1);
    assert!(compared.are_in_use().await);
    compared.add(30).await;
    compared.assert_equal(&[place]).await;

    let detach = "ALTER TABLE turbobackend.project_actions DETACH PARTITION turbobackend.project_actions_default";
    compared.client.batch_execute(detach).await.unwrap();
    assert!(!compared.are_in_use().await);
    compared.assert_equal(&[]).await;
    compared.kept.migrate().await.unwrap();
    compared
        .client
        .batch_execute("DELETE FROM turbobackend.project_actions_default")
        .await
        .unwrap();
    assert!(compared.are_in_use().await);
    compared.assert_equal(&[]).await;
}

/// A restored table has counts of its own, once it has been migrated.
#[tokio::test]
async fn a_dumped_and_restored_database_counts_its_rows() {
    let (compared, restored) = (Compared::new().await, TestDatabase::create().await);
    compared.add(300).await;
    let pipe = format!(
        "{} --no-owner --dbname='{}' | {} --quiet --set=ON_ERROR_STOP=1 --dbname='{}' >/dev/null",
        binary("pg_dump").display(),
        compared.database.url(),
        binary("psql").display(),
        restored.url()
    );
    let status =
        tokio::task::spawn_blocking(move || Command::new("sh").args(["-c", &pipe]).status());
    assert!(status.await.unwrap().unwrap().success());
    let (client, store) = (
        restored.connect().await,
        PostgresStore::new(restored.url()).unwrap(),
    );
    client.execute(ADD, &[&100_i64, &3_i64]).await.unwrap();
    for _ in 0..2 {
        let rows = "SELECT count(*) FROM turbobackend.project_actions WHERE project_id = 'a'";
        let rows: i64 = client.query_one(rows, &[]).await.unwrap().get(0);
        let counted = store.count(Filter::project("a")).await.unwrap();
        assert_eq!(counted, u64::try_from(rows).unwrap());
        store.migrate().await.unwrap();
        client.execute(ADD, &[&100_i64, &5_i64]).await.unwrap();
    }
    let asked = "SELECT turbobackend.project_actions_count_is_current()";
    assert!(
        client
            .query_one(asked, &[])
            .await
            .unwrap()
            .get::<_, bool>(0)
    );
}

/// A reader needs no grant but that of the table. One that sees only some rows counts these.
#[tokio::test]
async fn readers_use_the_counts_of_all_rows_unless_policies_hide_some() {
    let compared = Compared::new().await;
    compared.add(100).await;
    let reader = "GRANT USAGE ON SCHEMA turbobackend TO {role}; GRANT SELECT ON turbobackend.project_actions TO {role};
        GRANT EXECUTE ON FUNCTION turbobackend.project_actions_counted TO {role}";
    let reader = PostgresStore::new(compared.database.create_role(reader).await).unwrap();
    let count = async || reader.count(Filter::project("a")).await.unwrap();
    let all = count().await;
    // No row is counted that has not been: the numbers of the table itself are read.
    let more = "UPDATE turbobackend.project_actions_count_changes SET counts = array_append(counts, 1000), failures = array_append(failures, 0),
        project_ids = array_append(project_ids, 'a'), quarters = array_append(quarters, 0), action_types = array_append(action_types, 'x')";
    compared.client.batch_execute(more).await.unwrap();
    assert_eq!(count().await, all + 1_000);
    let hide = "ALTER TABLE turbobackend.project_actions ENABLE ROW LEVEL SECURITY;
        CREATE POLICY visible ON turbobackend.project_actions USING (action_type = 'x')";
    compared.client.batch_execute(hide).await.unwrap();
    let some = count().await;
    assert!(some > 0 && some < all, "{some} of {all}");
}
