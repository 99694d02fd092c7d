//! Activities for pages.

use std::{
    borrow::Cow,
    time::{SystemTime, UNIX_EPOCH},
};

use tracker_core::{ActionType, Activity, Status};

/// The project of the timeline.
pub const PROJECT: &str = "proj_rooms";

/// 2020-03-03T10:00:00Z, long ago, so that nothing about it changes with the present time.
pub const TUESDAY: i64 = 1_583_229_600_000;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The number of jobs on each of the last days, from today on.
const JOBS: [i64; 45] = [
    3, 4, 1, 0, 0, 5, 6, 3, 4, 2, 1, 0, 7, 4, 5, 3, 2, 0, 1, 4, 6, 8, 3, 2, 0, 0, 3, 4, 5, 2, 3, 1,
    0, 2, 4, 3, 1, 2, 0, 0, 1, 2, 3, 1, 1,
];

/// Returns an activity of a type, with an ID and a time that the test chooses.
#[must_use]
pub fn at(id: &str, action_type: &'static str, created_at: i64) -> Activity {
    let mut activity = Activity::new(ActionType::Deployment).project_id(PROJECT);
    id.clone_into(&mut activity.action_id);
    activity.action_type = Some(Cow::Borrowed(action_type));
    activity.created_at = Some(created_at);
    activity
}

/// Returns activities, the newest first, as on the page. Every other one has the time of the one
/// above it. Neighbours are of two users, so that none are folded.
#[must_use]
pub fn numbered(count: u32) -> Vec<Activity> {
    let now = now_ms();
    (0..count)
        .map(|number| {
            let activity = at(
                // At the same time, the greater ID is above.
                &format!("numbered-{:05}", count - number),
                "deployment",
                now - i64::from(number / 2 + 1) * MINUTE_MS,
            );
            activity
                .user_id(["user_1", "user_2"][index(i64::from(number), 2)])
                .details(format!("deployed number {number}"))
        })
        .collect()
}

/// Returns the activities of several people in a booking system's project in some weeks, up to a
/// few minutes ago.
#[must_use]
pub fn realistic() -> Vec<Activity> {
    let now = now_ms();
    let mut activities = Vec::new();
    for (days, jobs) in (0..).zip(JOBS) {
        for job in 0..jobs {
            // Today's are minutes apart, so that most times of day have room for them.
            let apart = if days == 0 { 9 } else { 67 };
            let ends = now - days * DAY_MS - (4 + job * apart) * MINUTE_MS;
            activities.extend(of_job(days * 10 + job, ends));
        }
    }
    activities
}

/// Returns the steps of one job, the last of which ended at this time.
fn of_job(number: i64, ends: i64) -> Vec<Activity> {
    let seed = number * 7 + 3;
    let user = ["user_42", "user_23", "user_17", "user_42"][index(seed, 4)];
    let environment = ["production", "staging", "production"][index(seed, 3)];
    let request = format!("req_{:06x}", (seed * 2_654_435) & 0xff_ffff);
    let session = format!("session_{:08x}", (seed * 40_503_077) & 0xffff_ffff);
    let database = format!("database_{:08x}", (seed * 91_193_771) & 0xffff_ffff);
    let deployment = format!("deploy_{:08x}", (seed * 69_069_133) & 0xffff_ffff);
    let push = format!("{:012x}", (seed * 6_364_136_223_847) & 0xffff_ffff_ffff);
    let table = ["rooms, bookings, equipment", "invoices, payments", "guests"][index(seed, 3)];
    let mut steps = Vec::new();
    let mut step = |action_type, details: String| {
        let seconds = [11_000, 23_000, 48_000, 95_000, 140_000][steps.len() % 5];
        let id = format!("job-{number:03}-{}", steps.len());
        let activity = at(&id, action_type, ends - seconds)
            .user_id(user)
            .request_id(&request)
            .environment(environment)
            .details(details);
        steps.push(activity);
    };
    step(
        "github_push",
        format!(
            "pushed {} files to https://git.example.org/rooms.git",
            3 + index(seed, 19)
        ),
    );
    step(
        "deployment",
        format!("deployed to https://{number}.rooms.example.org"),
    );
    step(
        "queries_executed",
        format!("ran {} queries on {table}", 2 + index(seed, 7)),
    );
    if number % 3 == 0 {
        step("database_created", format!("created {table}"));
    }
    if number % 4 == 1 {
        step(
            "endpoints_added",
            "added list_rooms, book_room, cancel_booking".to_owned(),
        );
    }
    for activity in &mut steps {
        let (name, id) = match activity.action_type.as_deref() {
            Some("github_push") => ("github_push_id", &push),
            Some("deployment") => ("deployment_id", &deployment),
            Some("endpoints_added") => ("container_session_id", &session),
            _ => ("database_id", &database),
        };
        *activity = activity.clone().reference(name, id);
    }
    if number % 5 == 2 {
        let failed = steps[1].clone().status(Status::Failure);
        steps[1] = failed.details("failed: the health check got no answer within 30 s");
        // A failed job does not push.
        steps.remove(0);
    }
    steps
}

fn index(seed: i64, length: usize) -> usize {
    usize::try_from(seed).unwrap_or_default() % length
}

/// Returns the present time, in milliseconds since the epoch.
fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("a clock that was set").as_millis();
    i64::try_from(now).expect("a time of this era")
}
