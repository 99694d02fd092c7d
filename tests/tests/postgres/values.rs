//! Activities with arbitrary values. None is refused, and each reads back as the limits leave it.

use std::time::Duration;

use proptest::{
    collection::vec,
    option,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Number, Value};
use tracker_core::{
    ActionType, Activity, MemoryStore, PostgresStore, ReferenceIds, Status, Store, Tracker,
    timeline::Query,
};
use tracker_tests::postgres::TestDatabase;

/// The number of generated activities.
const CASES: u32 = 256;

/// Generates text of any characters. NUL is more frequent than by chance, and some texts exceed
/// every limit.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => vec(prop_oneof![6 => any::<char>(), 1 => Just('\0')], 0..20)
            .prop_map(String::from_iter),
        1 => (any::<char>(), 200..1_200_usize).prop_map(|(c, n)| c.to_string().repeat(n)),
        1 => Just(String::new()),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|n| Number::from_f64(n).map_or(Value::Null, Value::Number)),
        any_text().prop_map(Value::from),
    ];
    scalar.prop_recursive(80, 200, 40, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..40).prop_map(Value::from),
            vec((any_text(), inner.clone()), 0..40)
                .prop_map(|entries| Value::Object(Map::from_iter(entries))),
            inner.prop_map(|inner| Value::from(vec![inner])),
        ]
    })
}

fn any_activity() -> impl Strategy<Value = Activity> {
    let texts = vec(option::of(any_text()), 7);
    (texts, any_text(), any_json(), option::of(any::<i64>())).prop_map(
        |(texts, action_id, reference_ids, created_at)| {
            let mut texts = texts.into_iter();
            let mut next = || texts.next().flatten();
            let mut activity = Activity::new(ActionType::Deployment);
            // The prefix keeps the ID unique, whatever the rest is.
            activity.action_id += &action_id;
            activity.project_id = next();
            activity.user_id = next();
            activity.request_id = next();
            activity.action_type = next().map(Into::into);
            activity.action_details = next();
            activity.status = next().map(|status| Status::from(&*status));
            activity.environment = next();
            activity.reference_ids = ReferenceIds::from_json(reference_ids);
            activity.created_at = created_at;
            activity
        },
    )
}

/// Compares two values. Postgres keeps numbers in decimal, so a float can come back as the equal
/// integer, or differ in its last digit.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            let (Some(one), Some(other)) = (one.as_f64(), other.as_f64()) else {
                return false;
            };
            (one - other).abs() <= one.abs() * 4.0 * f64::EPSILON
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| same(one, other)))
        }
        (one, other) => one == other,
    }
}

/// Generates any number of JSON's grammar. JSONB keeps at most a few hundred digits of one.
fn any_number() -> impl Strategy<Value = String> {
    (
        "-?(0|[1-9][0-9]{0,40})",
        "(\\.[0-9]{1,40})?",
        "([eE][+-]?[0-9]{1,2})?",
    )
        .prop_map(|(whole, fraction, exponent)| whole + &fraction + &exponent)
}

#[test]
fn numbers_of_other_programs_keep_the_digits_that_the_database_holds() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::create());
    let store = PostgresStore::new(database.url()).unwrap();
    runtime.block_on(store.migrate()).unwrap();
    let client = runtime.block_on(database.connect());

    // Postgres writes no exponent and has no negative zero, so the expected text is the one that it
    // holds.
    let held = |id: &'static str| {
        let client = &client;
        async move {
            let select =
                "SELECT reference_ids::text FROM turbobackend.project_actions WHERE action_id = $1";
            client
                .query_one(select, &[&id])
                .await
                .unwrap()
                .get::<_, String>(0)
                .replace(' ', "")
        }
    };
    let insert = "INSERT INTO turbobackend.project_actions (action_id, project_id, reference_ids)
        VALUES ('theirs', 'p', $1::text::jsonb)";
    let examples = [
        "-9.4131967778705e-310",
        "12345678901234567890123",
        "-0",
        "1.0",
        "1e2",
        "0.1000",
        "1e400",
        "9007199254740993",
    ];
    let config = Config {
        cases: 64,
        failure_persistence: None,
        ..Config::default()
    };
    let check = |number: String| {
        let json = format!(r#"{{"a":{number},"b":[{{"c":{number}}}]}}"#);
        runtime.block_on(async {
            let remove = "TRUNCATE turbobackend.project_actions";
            client.batch_execute(remove).await.unwrap();
            client.execute(insert, &[&json]).await.unwrap();
            let held_before = held("theirs").await;
            let page = store.timeline(Query::project("p")).await.unwrap();
            let mut activity = page.activities.into_iter().next().unwrap();
            assert_eq!(
                serde_json::to_string(&activity.reference_ids).unwrap(),
                held_before
            );
            // The number stays the same when it is written again by COPY, by an insert, and through
            // JSON in between.
            activity.action_id = "ours".to_owned();
            store.write(vec![activity.clone()].into()).await.unwrap();
            assert_eq!(held("ours").await, held_before);
            let json = serde_json::to_string(&activity).unwrap();
            let mut again: Activity = serde_json::from_str(&json).unwrap();
            again.action_id = "again".to_owned();
            let batch = tracker_core::store::Batch::from(vec![again]).retry();
            store.write(batch).await.unwrap();
            assert_eq!(held("again").await, held_before);
        });
    };
    examples.map(str::to_owned).into_iter().for_each(check);
    let result = TestRunner::new(config).run(&any_number(), |number| {
        check(number);
        Ok(())
    });
    result.unwrap();
}

fn tracker(store: impl Store) -> Tracker {
    Tracker::builder()
        .store(store)
        .batch_age(Duration::from_millis(1))
        .build()
        .unwrap()
}

#[test]
fn an_activity_of_any_values_is_stored_and_reads_back() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let database = runtime.block_on(TestDatabase::create());
    let store = PostgresStore::new(database.url()).unwrap();
    runtime.block_on(store.migrate()).unwrap();
    let in_postgres = tracker(store);
    let memory = MemoryStore::new();
    let in_memory = tracker(memory.clone());

    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&any_activity(), |mut activity| {
        let number = memory.activities().len();
        let lost_before = in_postgres.stats().dropped.total();
        // Each activity gets a timeline of its own.
        let project_id = activity.project_id.unwrap_or_default();
        activity.project_id = Some(format!("{number} {project_id}"));
        let (mut repaired, found) = runtime.block_on(async {
            in_memory.record(activity.clone());
            in_memory.flush().await;
            let repaired = memory.activities().pop().unwrap();
            in_postgres.record(activity);
            in_postgres.flush().await;
            let project_id = repaired.project_id.clone().unwrap();
            let page = in_postgres
                .store()
                .timeline(Query::project(project_id))
                .await
                .unwrap();
            (repaired, page.activities)
        });
        prop_assert_eq!(in_postgres.stats().dropped.total(), lost_before);
        prop_assert_eq!(found.len(), 1);
        let (expected, read) = (
            repaired.reference_ids.to_json(),
            found[0].reference_ids.to_json(),
        );
        prop_assert!(same(&expected, &read), "{} {}", expected, read);
        repaired.reference_ids.clone_from(&found[0].reference_ids);
        prop_assert_eq!(&repaired, &found[0]);
        Ok(())
    });
    result.unwrap();
}
