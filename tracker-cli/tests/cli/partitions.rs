//! `tracker migrate --partition-by`, `tracker partitions`, and `tracker prune` on a table in
//! partitions.

use std::{
    collections::BTreeSet,
    thread,
    time::{Duration, Instant},
};

use tracker_core::{ActionType, Activity, PostgresStore, Store, timeline::Filter};
use tracker_tests::{
    partitions::{BEGIN_MS, DAY_MS, id_at, partitioned},
    postgres::{TestDatabase, eventually},
};

use crate::support::{Place, numbered};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_new_table_is_partitioned_once_and_its_partitions_are_listed() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    let made = place.run(&["migrate", "--partition-by", "day"]).printed();
    assert!(made.starts_with("applied V1__"), "{made}");
    assert!(
        made.ends_with("\npartitioned by day, with 0 activities copied\n"),
        "{made}"
    );
    let again = place.run(&["migrate", "--partition-by", "day"]).printed();
    assert!(again.ends_with("\npartitioned by day already\n"), "{again}");
    let said = place.run(&["migrate", "--partition-by", "month"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.stderr.contains("is partitioned by day already"),
        "{said:?}"
    );
    place.run(&["migrate", "--check"]).printed();

    let ensured = place.run(&["partitions", "ensure"]).printed();
    assert_eq!(ensured, "all partitions are there\n");
    let list = place.run(&["partitions", "list"]).printed();
    let lines: Vec<_> = list.lines().collect();
    assert!(lines[0].starts_with("PARTITION "), "{list}");
    assert!(lines[1].starts_with("project_actions_2"), "{list}");
    assert!(lines[4].starts_with("project_actions_default "), "{list}");
    let json = place.run(&["partitions", "list", "--json"]).printed();
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    let days = first["created_last"].as_i64().unwrap() - first["created_first"].as_i64().unwrap();
    assert_eq!(days + 1, 3 * DAY_MS, "its day, and one on either side");

    let name = first["name"].as_str().unwrap();
    let day = name.strip_prefix("project_actions_").unwrap();
    let day = day.replace('_', "-");
    assert_eq!(first["period"], day);
    let cells: Vec<_> = lines[1].split_whitespace().collect();
    assert_eq!(cells[..3], [name, &*day, "0"], "{list}");
    assert!(lines[4].contains("any other"), "{list}");

    // Nobody has counted it yet.
    let store = PostgresStore::new(database.url()).unwrap();
    let row = Activity::new(ActionType::Deployment).project_id("p");
    store.write(vec![row].into()).await.unwrap();
    let list = place.run(&["partitions", "list"]).printed();
    assert_eq!(list.matches(" unknown ").count(), 1, "{list}");
    let client = database.connect().await;
    let analyze = "ANALYZE turbobackend.project_actions";
    client.batch_execute(analyze).await.unwrap();
    let list = place.run(&["partitions", "list"]).printed();
    assert_eq!(list.matches(" unknown ").count(), 0, "{list}");
}

#[tokio::test]
async fn a_partition_is_listed_with_the_month_that_it_is_for() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    place.run(&["migrate", "--partition-by", "month"]).printed();
    let list = place.run(&["partitions", "list"]).printed();
    let months = list.lines().skip(1).take(3).map(|line| {
        let cells: Vec<_> = line.split_whitespace().collect();
        let month = cells[0].strip_prefix("project_actions_").unwrap();
        (month.replace('_', "-"), cells[1].to_owned())
    });
    for (named, shown) in months {
        assert_eq!(shown, named, "{list}");
    }
}

#[tokio::test]
async fn missing_partitions_are_made() {
    let database = TestDatabase::create().await;
    partitioned(database.url()).await;
    let place = Place::at(database.url());
    let list = place.run(&["partitions", "list"]).printed();
    let line = list.lines().rev().nth(1).unwrap();
    let name = line.split(' ').next().unwrap();
    let drop = format!(
        "DROP TABLE turbobackend.{name}; DELETE FROM turbobackend.project_actions_partitions WHERE name = '{name}'"
    );
    database.connect().await.batch_execute(&drop).await.unwrap();
    let made = place.run(&["partitions", "ensure"]).printed();
    assert_eq!(made, format!("made {name}\n"));
}

#[tokio::test]
async fn what_has_no_partitions_says_so() {
    for arguments in [
        &["migrate", "--partition-by", "month"][..],
        &["migrate", "--abandon"],
        &["partitions", "list"],
        &["partitions", "ensure"],
    ] {
        let said = Place::sqlite().run(arguments).failed(2);
        assert!(said.contains("an SQLite file has no partitions"), "{said}");
    }
    let place = Place::sqlite();
    place.run(&["migrate", "--partition-by", "week"]).failed(2);
    place.run(&["migrate", "--keep-old"]).failed(2);
    place.run(&["migrate", "--abandon", "--check"]).failed(2);
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    place.run(&["migrate"]).printed();
    let said = place.run(&["partitions", "list"]);
    assert_eq!((said.code, &*said.stdout), (Some(0), ""));
    assert!(
        said.stderr.contains("tracker migrate --partition-by"),
        "{said:?}"
    );
}

#[tokio::test]
async fn a_table_that_is_missing_is_not_taken_for_one_without_partitions() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    for command in ["list", "ensure"] {
        let said = place.run(&["partitions", command]).failed(1);
        assert!(
            said.contains("there is no table turbobackend.project_actions"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn whole_partitions_are_dropped_and_the_rest_row_by_row_unless_only_those_are_to_go() {
    let database = TestDatabase::create().await;
    let store = partitioned(database.url()).await;
    let place = Place::at(database.url());
    let now = Activity::new(ActionType::Deployment).created_at.unwrap();
    let age = format!("{}h", (now - BEGIN_MS - 99 * DAY_MS) / 3_600_000);
    let whole = [
        "prune",
        "--older-than",
        &*age,
        "--whole-partitions",
        "--yes",
    ];
    let dry = place.run(&[&whole[..], &["--dry-run"]].concat()).printed();
    assert!(
        dry.starts_with("would remove at most 10 activities from "),
        "{dry}"
    );
    // The partitions of November to January are dropped, and February's stays.
    let removed = place.run(&whole).printed();
    assert!(
        removed.starts_with("removed 10 activities from "),
        "{removed}"
    );
    let list = place.run(&["partitions", "list"]).printed();
    assert!(
        list.lines()
            .nth(1)
            .unwrap()
            .starts_with("project_actions_2026_02 "),
        "{list}"
    );
    let age = format!("{}h", (now - BEGIN_MS - 115 * DAY_MS) / 3_600_000);
    let none = place
        .run(&["prune", "--older-than", &age, "--whole-partitions", "--yes"])
        .printed();
    assert!(none.starts_with("removed 0 activities from "), "{none}");
    let rest = place
        .run(&["prune", "--older-than", &age, "--yes"])
        .printed();
    assert!(rest.starts_with("removed 2 activities from "), "{rest}");
    assert_eq!(store.count(Filter::project("seed")).await.unwrap(), 28);
}

#[tokio::test]
async fn a_conversion_that_was_killed_is_taken_back() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    let place = Place::at(database.url());
    place.run(&["migrate"]).printed();
    let nothing = "no partitioning had begun: nothing was changed\n";
    assert_eq!(place.run(&["migrate", "--abandon"]).printed(), nothing);
    let rows = (0..200).map(|day| {
        let mut row = numbered(day).project_id("p");
        row.action_id = id_at(BEGIN_MS + day * DAY_MS);
        row
    });
    store.write(rows.collect()).await.unwrap();
    let client = database.connect().await;
    let has_begun = "SELECT to_regclass('turbobackend.project_actions_conversion') IS NOT NULL";
    let mut command = place
        .command(&["migrate", "--partition-by", "day"])
        .spawn()
        .unwrap();
    eventually(&client, has_begun).await;
    command.kill().unwrap();
    command.wait().unwrap();
    let commands = "`tracker migrate --partition-by day` goes on, and `tracker migrate --abandon` takes it back\n";
    for arguments in [
        &["migrate"][..],
        &["migrate", "--check"],
        &["partitions", "list"],
        &["partitions", "ensure"],
    ] {
        let said = place.run(arguments);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.stderr.ends_with(commands), "{arguments:?}: {said:?}");
    }
    let arguments = ["migrate", "--partition-by", "day", "--abandon"];
    let taken_back = place.run(&arguments).printed();
    assert_eq!(
        taken_back,
        "took the partitioning back: the table is as it was before\n"
    );
    assert_eq!(place.run(&arguments).printed(), nothing);
    assert_eq!(store.count(Filter::project("p")).await.unwrap(), 200);
    let partitioned = place.run(&arguments[..3]).printed();
    assert!(
        partitioned.ends_with("\npartitioned by day, with 200 activities copied\n"),
        "{partitioned}"
    );
    let said = place.run(&arguments).failed(1);
    assert!(
        said.contains("is partitioned already, which can't be taken back"),
        "{said}"
    );
}

#[tokio::test]
async fn all_obstacles_to_partitions_are_told_at_once() {
    let database = TestDatabase::create().await;
    let place = Place::at(database.url());
    place.run(&["migrate", "--schema", "Odd one"]).printed();
    let client = database.connect().await;
    client
        .batch_execute(
            "ALTER TABLE \"Odd one\".project_actions SET UNLOGGED;
            CREATE VIEW \"Odd one\".seen AS SELECT action_id FROM \"Odd one\".project_actions",
        )
        .await
        .unwrap();
    let arguments = ["migrate", "--schema", "Odd one", "--partition-by", "day"];
    let said = place.run(&arguments);
    assert_eq!(said.code, Some(1), "{said:?}");
    let expected = "error: the table Odd one.project_actions can't be partitioned as it is: \n  \
        the view or rule of \"Odd one\".seen reads it: drop it, and make it again afterwards\n  \
        it is not kept over a crash (UNLOGGED): ALTER TABLE \"Odd one\".project_actions SET LOGGED\n";
    assert_eq!(said.stderr, expected);
}

/// How often the conversion is killed; `TRACKER_KILLS=100 cargo test -p tracker-cli --test cli killed` does so more often.
fn kills() -> u32 {
    let kills = std::env::var("TRACKER_KILLS").ok();
    kills.and_then(|kills| kills.parse().ok()).unwrap_or(6)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversion_that_is_killed_again_and_again_goes_on_and_loses_and_doubles_nothing() {
    let database = TestDatabase::create().await;
    let store = PostgresStore::new(database.url()).unwrap();
    store.migrate().await.unwrap();
    let client = database.connect().await;
    let fill = format!(
        "INSERT INTO turbobackend.project_actions (action_id, project_id, reference_ids, created_at)
        SELECT
            overlay(lpad(to_hex(ms), 12, '0') PLACING '-' FROM 9 FOR 0) || '-7000-8000-' || lpad(to_hex(n), 12, '0'),
            'old', jsonb_build_object('deployment_id', n), ms
        FROM generate_series(1, 150000) AS n
        CROSS JOIN LATERAL (SELECT {BEGIN_MS} + n::bigint * {} AS ms) AS times",
        200 * DAY_MS / 150_000
    );
    client.batch_execute(&fill).await.unwrap();
    let place = Place::at(database.url());
    let arguments = ["migrate", "--partition-by", "month"];
    let writing = store.clone();
    let writer = tokio::spawn(async move {
        let mut written = BTreeSet::new();
        let mut longest = Duration::ZERO;
        loop {
            let rows = (0..5).map(|_| {
                let mut row = numbered(1).project_id("new");
                row.action_id = id_at(BEGIN_MS + 400 * DAY_MS);
                row
            });
            let rows: Vec<_> = rows.collect();
            let ids: Vec<_> = rows.iter().map(|row| row.action_id.clone()).collect();
            let began = Instant::now();
            writing.write(rows.into()).await.unwrap();
            longest = longest.max(began.elapsed());
            written.extend(ids);
            if !writing.partitions().await.unwrap().is_empty() {
                return (written, longest);
            }
        }
    });
    let mut killed = 0;
    for _ in 0..kills() {
        let mut command = place.command(&arguments).spawn().unwrap();
        // A random moment between the start and the end of the conversion, which takes some
        // seconds.
        thread::sleep(Duration::from_millis(fastrand::u64(100..1_500)));
        command.kill().unwrap();
        killed += u32::from(!command.wait().unwrap().success());
    }
    assert!(killed > 0, "none was killed before its end");
    let end = place.run(&arguments).printed();
    assert!(end.contains("\npartitioned by month"), "{end}");
    let (written, longest) = tokio::time::timeout(MINUTE, writer).await.unwrap().unwrap();
    assert!(longest < Duration::from_secs(10), "{longest:?}");

    let rows = "SELECT action_id, project_id FROM turbobackend.project_actions";
    let rows = client.query(rows, &[]).await.unwrap();
    let ids: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(ids.len(), rows.len(), "none is there twice");
    assert!(
        written.is_subset(&ids),
        "{}",
        written.difference(&ids).count()
    );
    assert_eq!(rows.len(), 150_000 + written.len());
    let left = "SELECT string_agg(relname, ' ') FROM pg_class WHERE relnamespace = 'turbobackend'::regnamespace
        AND (relname LIKE '%partitioned%' OR relname IN ('project_actions_conversion', 'project_actions_changed'))";
    let left: Option<String> = client.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, None);
    let invalid = "SELECT count(*) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
        WHERE relnamespace = 'turbobackend'::regnamespace AND NOT indisvalid";
    assert_eq!(
        client
            .query_one(invalid, &[])
            .await
            .unwrap()
            .get::<_, i64>(0),
        0
    );
    let indexes = "SELECT count(*) FROM pg_inherits JOIN pg_index ON indrelid = inhrelid WHERE inhparent = 'turbobackend.project_actions'::regclass";
    let partitions = i64::try_from(store.partitions().await.unwrap().len()).unwrap();
    assert_eq!(
        client
            .query_one(indexes, &[])
            .await
            .unwrap()
            .get::<_, i64>(0),
        partitions * 7,
        "no index is there twice"
    );
}
