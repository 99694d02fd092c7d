//! `examples/jobs`: each attempt of a job is an activity of whoever asked for the job.

use std::{net::TcpListener, process::Command};

use tracker_core::{PostgresStore, Status};
use tracker_tests::{ReservedPort, examples::example_program, postgres::TestDatabase};

use super::{reference, timeline};

#[tokio::test]
async fn each_attempt_of_a_job_is_recorded_for_whoever_asked_for_the_job() {
    let database = TestDatabase::create().await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = listener.local_addr().unwrap().to_string();
    // Nobody listens on it.
    let port = ReservedPort::new().unwrap();
    let closed = port.address().to_string();

    let output = Command::new(example_program("jobs"))
        .args([&open, &closed])
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");

    let store = PostgresStore::new(database.url()).unwrap();
    let activities = timeline(&store, "shop").await;
    assert_eq!(activities.len(), 4, "{activities:?}");
    for activity in &activities {
        assert_eq!(activity.action_type.as_deref(), Some("service_checked"));
        assert_eq!(activity.user_id.as_deref(), Some("user_ada"));
        assert_eq!(activity.request_id.as_deref(), Some("req_1"));
    }

    let of_job = |id: &str| -> Vec<_> {
        let attempts = activities.iter().filter(|of| reference(of, "job_id") == id);
        let told = attempts.map(|of| (of.status.clone().unwrap(), of.action_details.clone()));
        told.collect()
    };
    let reached = format!("{open} can be reached, attempt 1");
    assert_eq!(of_job("1"), [(Status::Success, Some(reached))]);
    let attempts = of_job("2");
    assert_eq!(attempts.len(), 3, "{attempts:?}");
    for (number, (status, details)) in (1..).zip(attempts) {
        let beginning = format!("{closed} can't be reached, attempt {number}: ");
        let details = details.unwrap();
        assert!(details.starts_with(&beginning), "{details}");
        assert_eq!(status, Status::Failure);
    }
    let client = database.connect().await;
    let left = client.query_one("SELECT count(*) FROM jobs", &[]).await;
    assert_eq!(left.unwrap().get::<_, i64>(0), 0);
}
