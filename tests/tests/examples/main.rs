//! The programs of `examples/`, each run as its README says, and the rows that come out.

mod axum_embedded;
mod axum_sqlx;
mod jobs;
mod nats;

use std::time::Duration;

use tracker_core::{Activity, Store, timeline::Query};

/// A time limit far beyond the need of any test.
const LIMIT: Duration = Duration::from_mins(1);

/// Returns the activities of a project, oldest first.
async fn timeline(store: &dyn Store, project_id: &str) -> Vec<Activity> {
    let page = store.timeline(Query::project(project_id)).await.unwrap();
    page.activities.into_iter().rev().collect()
}

/// Returns a reference ID of an activity, which is a text.
fn reference<'a>(activity: &'a Activity, name: &str) -> &'a str {
    let ids = activity.reference_ids.iter();
    let id = ids.into_iter().find(|(known, _)| *known == name);
    id.and_then(|(_, id)| id.as_str()).expect("the reference")
}
