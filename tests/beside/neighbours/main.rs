//! A program that depends on a neighbouring crate beside the tracker. It records through a journal
//! and reads the activity back.

use std::{error::Error, time::Duration};

use tracker_core::{SqliteStore, Store, Tracker, timeline::Query, tracked};

#[tracked(action = "deployment", details = "deployed {image}")]
async fn deploy(project_id: &str, image: &str) {}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let store = SqliteStore::open(directory.path().join("tracker.db"))?;
    store.migrate().await?;
    let tracker = Tracker::builder()
        .store(store)
        .journal(directory.path().join("journals"))
        .build()?;
    tracker.scope(deploy("project_7", "api:4")).await;
    tracker.shutdown(Duration::from_secs(10)).await;

    let page = tracker.store().timeline(Query::project("project_7")).await?;
    let details: Vec<_> = page.activities.iter().map(|row| row.action_details.as_deref()).collect();
    assert_eq!(details, [Some("deployed api:4")]);
    assert_eq!(tracker.stats().stored, 1);
    Ok(())
}
