//! The example of the README.

use std::{io, time::Duration};
use tracker_core::{Context, ReferenceIds, SqliteStore, Store, Tracker, timeline::Query, tracked};

/// The result of a deployment. The marked field is the ID of a related record.
#[derive(ReferenceIds)]
struct Deployment {
    #[reference(rename = "deployment_id")]
    id: String,
    url: String,
}

#[tracked(action = "deployment", details = "deployed {image} to {output.url}")]
async fn deploy(project_id: &str, image: &str) -> Result<Deployment, io::Error> {
    Ok(Deployment {
        id: "deploy_xyz789".into(),
        url: format!("https://{project_id}.example.org"),
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Once, when the program starts.
    let store = SqliteStore::open("tracker.db")?;
    store.migrate().await?;
    let tracker = Tracker::builder()
        .store(store)
        .environment("production")
        .build()?
        .install()?;

    // Once for each request or job: whatever runs inside knows who asked for it.
    let context = Context::new()
        .with_user_id("user_1")
        .with_request_id("req_9f2");
    context.scope(deploy("project_7", "api:4")).await?;

    // Once, before the program ends.
    tracker.shutdown(Duration::from_secs(5)).await;

    let project = Query::project("project_7");
    for activity in tracker.store().timeline(project).await?.activities {
        println!("{}", serde_json::to_string_pretty(&activity)?);
    }
    Ok(())
}
