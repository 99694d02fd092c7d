//! The activities that a worker publishes, and the pace at which it records them.

use std::time::Duration;

use anyhow::ensure;
use tracker_core::{ActionType, Activity, Tracker};

/// The most queued activities before recording pauses: a full queue drops activities.
const WAITING_MAX: u64 = 12_000;

/// Records so many activities, and waits until the store has them.
///
/// # Errors
///
/// If one was dropped.
pub async fn record(tracker: &Tracker, rows: usize) -> anyhow::Result<()> {
    for number in 0..rows {
        tracker.record(activity(number));
        if number % 64 == 0 {
            while tracker.stats().queued > WAITING_MAX {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
    tracker.flush().await;
    let stats = tracker.stats();
    ensure!(stats.dropped.total() == 0, "{stats:?}");
    Ok(())
}

/// Returns an activity whose IDs are as long as UUIDs with a prefix.
#[must_use]
pub fn activity(number: usize) -> Activity {
    Activity::new(ActionType::Deployment)
        .user_id(format_args!("user_{:032x}", number % 1_000))
        .request_id(format_args!("req_{number:032x}"))
        .project_id(format_args!("project_{:032x}", number % 1_000))
        .details("deployed registry.example.org/rooms/api:1 to https://rooms.example.org")
        .environment("production")
        .reference("deployment_id", format_args!("deploy_{number:032x}"))
}
