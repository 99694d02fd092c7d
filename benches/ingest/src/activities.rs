//! The activities that are written, as values and as calls of a tracked function.

use std::time::Duration;

use tracker_core::{ActionType, Activity, Tracker, tracked};

/// The number of users and of projects that have the activities.
const USERS: usize = 1_000;
const PROJECTS: usize = 5_000;

/// Returns an activity whose IDs are as long as UUIDs with a prefix, and whose details have an
/// ordinary length.
pub(crate) fn activity(number: usize) -> Activity {
    Activity::new(ActionType::Deployment)
        .user_id(user(number))
        .request_id(request(number))
        .project_id(project(number))
        .details(format!(
            "deployed registry.example.org/rooms/api:{number} to https://rooms.example.org"
        ))
        .reference("deployment_id", deployment(number))
}

fn user(number: usize) -> String {
    format!("user_{:032x}", number % USERS)
}

fn request(number: usize) -> String {
    format!("req_{number:032x}")
}

fn project(number: usize) -> String {
    format!("project_{:032x}", number % PROJECTS)
}

fn deployment(number: usize) -> String {
    format!("deploy_{number:032x}")
}

#[tracked(
    action = "deployment",
    references(deployment_id = output),
    details = "deployed registry.example.org/rooms/api:{number} to https://rooms.example.org"
)]
async fn deploy(user_id: &str, request_id: &str, project_id: &str, number: usize) -> String {
    deployment(number)
}

/// Calls the tracked function for each number, and pauses while more than `waiting_max` activities
/// are queued.
pub(crate) async fn call_all(
    tracker: Tracker,
    numbers: impl Iterator<Item = usize>,
    waiting_max: u64,
) {
    for (number, call) in numbers.zip(1..) {
        let (user, request, project) = (user(number), request(number), project(number));
        deploy(&user, &request, &project, number).await;
        if call % 64 == 0 {
            while tracker.stats().queued > waiting_max {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
}
