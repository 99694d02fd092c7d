//! The example worker: six activities of real work, whatever happens to the store meanwhile.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use serde_json::{Value, json};
use tracker_core::{Activity, Store, store, timeline::Query};
use tracker_tests::{
    attributes::without_attributes,
    examples::{self, Run, Workplace},
    postgres::{ExclusiveServer, ServerOptions, TestDatabase},
    process::wait_until,
};

const LIMIT: Duration = Duration::from_mins(1);
const ACTIONS: [&str; 6] = [
    "database_created",
    "deployment",
    "endpoints_added",
    "github_push",
    "project_created",
    "queries_executed",
];

fn sample_request() -> Value {
    let file = examples::workspace().join("tracker-core/examples/worker/request.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Returns the timeline of the sample request's project, oldest first.
async fn timeline(url: &str) -> Vec<Activity> {
    let store = store::open(url).unwrap();
    let mut activities = store
        .timeline(Query::project("proj_rooms"))
        .await
        .unwrap()
        .activities;
    activities.reverse();
    activities
}

async fn sqlite_timeline(workplace: &Workplace) -> Vec<Activity> {
    timeline(&format!(
        "sqlite:{}",
        workplace.path().join("tracker.db").display()
    ))
    .await
}

fn actions(activities: &[Activity]) -> Vec<&str> {
    let mut actions: Vec<_> = activities
        .iter()
        .filter_map(|activity| activity.action_type.as_deref())
        .collect();
    actions.sort_unstable();
    actions
}

/// Asserts one activity of each type, with the user, request, project and references of the
/// request.
fn assert_six_activities(run: &Run, activities: &[Activity]) {
    assert!(run.success, "{run:?}");
    assert_eq!(actions(activities), ACTIONS, "{run:?}");
    for activity in activities {
        assert_eq!(activity.user_id.as_deref(), Some("user_42"));
        assert_eq!(activity.request_id.as_deref(), Some("req_7f3a91"));
        assert_eq!(activity.project_id.as_deref(), Some("proj_rooms"));
        assert_eq!(activity.environment.as_deref(), Some("development"));
        assert!(
            run.stdout
                .contains(activity.action_details.as_deref().unwrap())
        );
    }
    let names: BTreeSet<_> = activities
        .iter()
        .flat_map(|activity| activity.reference_ids.iter())
        .map(|(name, id)| {
            assert!(id.as_str().is_some_and(|id| !id.is_empty()));
            name
        })
        .collect();
    assert_eq!(
        Vec::from_iter(names),
        [
            "container_session_id",
            "database_id",
            "deployment_id",
            "github_push_id"
        ]
    );
}

#[tokio::test]
async fn a_run_records_one_activity_of_each_type_in_sqlite() {
    let workplace = Workplace::new();
    let run = workplace.run(None);
    assert_six_activities(&run, &sqlite_timeline(&workplace).await);
    assert!(
        run.stdout.contains("Stored in SQLite tracker.db"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stderr, "");
    let again = workplace.run(None);
    assert!(again.success, "{again:?}");
    assert_eq!(sqlite_timeline(&workplace).await.len(), 12);
}

#[tokio::test]
async fn in_a_postgres_with_the_older_table_all_its_rows_stay() {
    let database = TestDatabase::create().await;
    let client = database.connect().await;
    client
        .batch_execute(concat!(
            include_str!("../older_table/postgres.sql"),
            include_str!("older_rows.sql")
        ))
        .await
        .unwrap();
    let run = Workplace::new().run(Some(database.url()));
    let activities = timeline(database.url()).await;
    let (old, new) = activities.split_at(2);
    assert_six_activities(&run, new);
    assert_eq!(old[0].action_id, "old_1");
    assert_eq!(old[0].action_type.as_deref(), Some("an older type"));
    assert_eq!(old[1].action_id, "old_2");
    let rows = client
        .query_one("SELECT count(*) FROM turbobackend.project_actions", &[])
        .await
        .unwrap();
    assert_eq!(rows.get::<_, i64>(0), 9);
}

/// Writes a request whose queries take a while, and returns its path.
fn slow_request(directory: &Path) -> std::path::PathBuf {
    let mut request = sample_request();
    let slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500000) SELECT count(*) FROM n";
    request["queries"].as_array_mut().unwrap().push(json!(slow));
    let file = directory.join("slow.json");
    fs::write(&file, request.to_string()).unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn with_postgres_stopped_in_the_middle_the_workers_result_is_the_same() {
    let mut server = ExclusiveServer::new(&ServerOptions::default());
    let workplace = Workplace::new();
    let request = slow_request(workplace.path());
    let worker = workplace.start(Some(&server.url()), &request);
    let store = store::open(&server.url()).unwrap();
    // The first activity is stored while the slow queries are still to come.
    let mut recorded = 0;
    wait_until(LIMIT, "the worker records its first step", || {
        let page = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(store.timeline(Query::project("proj_rooms")))
        });
        recorded = page.map_or(0, |page| page.activities.len());
        recorded > 0
    });
    server.stop();
    let run = Run::from(worker.wait_with_output().unwrap());
    assert!(run.success, "{run:?}");
    assert!(
        recorded < ACTIONS.len(),
        "the server was not stopped in the middle"
    );
    let lines = run.job();
    for part in [
        "session",
        "database",
        "endpoints",
        "queries",
        "deployed",
        "pushed",
        "commit",
    ] {
        assert!(
            lines.iter().any(|line| line.starts_with(part)),
            "{part} in {run:?}"
        );
    }
    assert!(run.stderr.contains("lost"), "{}", run.stderr);
}

#[tokio::test]
async fn a_step_that_fails_ends_the_job_and_no_activity_says_that_it_succeeded() {
    let workplace = Workplace::new();
    let mut request = sample_request();
    request["queries"] = json!(["SELECT * FROM rooms", "SELECT * FROM nowhere"]);
    let file = workplace.path().join("failing.json");
    fs::write(&file, request.to_string()).unwrap();
    let run = Run::from(
        workplace
            .command(None)
            .arg("--request")
            .arg(&file)
            .output()
            .unwrap(),
    );
    assert!(!run.success);
    assert!(
        run.stderr.contains("no such table: nowhere"),
        "{}",
        run.stderr
    );
    let activities = sqlite_timeline(&workplace).await;
    assert_eq!(
        actions(&activities),
        ["database_created", "endpoints_added", "project_created"]
    );
}

#[tokio::test]
async fn a_malformed_database_url_ends_the_worker_without_repeating_it() {
    let run = Workplace::new().run(Some("postgres://worker:hunter2@@nowhere:port/"));
    assert!(!run.success);
    assert!(run.stderr.contains("DATABASE_URL"), "{}", run.stderr);
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
}

#[tokio::test]
async fn without_its_attributes_the_worker_compiles_and_does_the_same_work() {
    let copy = tempfile::tempdir().unwrap();
    copy_workspace(examples::workspace(), copy.path());
    let mut removed = 0;
    for file in fs::read_dir(copy.path().join("tracker-core/examples/worker")).unwrap() {
        let file = file.unwrap().path();
        if file.extension().is_some_and(|extension| extension == "rs") {
            let (code, count) = without_attributes(&fs::read_to_string(&file).unwrap(), false);
            fs::write(&file, code).unwrap();
            removed += count;
        }
    }
    assert_eq!(removed, ACTIONS.len());
    // The target directory is kept between runs, because the dependencies are the same each time.
    let target = examples::workspace().join("target/untracked-worker");
    let workplace = Workplace::for_program(&examples::build_example(
        "worker",
        copy.path(),
        Some(&target),
    ));
    let untracked = workplace.run(None);
    let tracked = Workplace::new().run(None);
    assert!(untracked.success, "{untracked:?}");
    assert_eq!(sqlite_timeline(&workplace).await, []);
    // Both print the same lines, except for IDs, ports and paths, which are new in each run.
    let without_ids = |run: &Run| -> Vec<String> {
        run.job()
            .into_iter()
            .map(|line| {
                let words = line.split_inclusive([' ', ':']);
                words
                    .filter(|word| {
                        !word.contains(|character: char| {
                            character.is_ascii_digit() || character == '/'
                        })
                    })
                    .collect()
            })
            .collect()
    };
    assert_eq!(without_ids(&untracked), without_ids(&tracked));
}

/// Copies the files that cargo needs to build the worker.
fn copy_workspace(from: &Path, to: &Path) {
    for name in [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "tracker-cli",
        "tracker-core",
        "tracker-macros",
        "tracker-server",
        "benches",
        "examples",
        "tests",
    ] {
        copy(&from.join(name), &to.join(name));
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}
