//! The destination of the worker's activities, and their timeline.
//!
//! All that a program needs besides the attributes is here: a store, a tracker on it that is
//! installed when the worker starts and shut down before it ends, and a query.

use std::env;
use std::error::Error;
use std::io::IsTerminal;
use std::time::Duration;

use anyhow::Context;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing_subscriber::EnvFilter;
use tracker_core::timeline::Query;
use tracker_core::{Activity, Installed, Tracker, store};

/// The store if `DATABASE_URL` names no Postgres: a file in the current directory.
const DEFAULT_STORE: &str = "sqlite:tracker.db";

/// The longest time that the end of the worker waits for activities that are not stored yet.
const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(10);

/// The most activities of the timeline that are shown.
const TIMELINE_LIMIT: u32 = 12;

/// Starts recording. A store that can't be reached now does not keep the worker from its work.
pub async fn start() -> anyhow::Result<Installed> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn")),
        )
        .init();

    let url = env::var("DATABASE_URL").unwrap_or_else(|_| DEFAULT_STORE.to_owned());
    let store = store::open(&url).context("DATABASE_URL can't be used")?;
    if let Err(error) = store.migrate().await {
        tracing::warn!(
            error = &error as &dyn Error,
            "the table of activities is not up to date"
        );
    }
    Ok(Tracker::builder()
        .store(store)
        .environment("development")
        .build()?
        .install()?)
}

/// Ends recording and prints the project's timeline, newest first.
pub async fn finish(tracker: &Tracker, project_id: &str) {
    let stats = tracker.shutdown(SHUTDOWN_DEADLINE).await;
    let lost = stats.dropped.total();
    if lost > 0 {
        eprintln!(
            "{lost} of {} activities were lost: see the log above",
            stats.recorded
        );
    }
    let store = tracker.store();
    let query = Query::project(project_id).limit(TIMELINE_LIMIT);
    match store.timeline(query).await {
        Ok(page) => {
            println!("\nTimeline of {project_id}, newest first");
            for activity in &page.activities {
                print_activity(activity);
            }
            if page.next.is_some() {
                println!("  …");
            }
            println!("Stored in {}", store.describe());
        }
        Err(error) => tracing::warn!(error = &error as &dyn Error, "the timeline can't be read"),
    }
}

fn print_activity(activity: &Activity) {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    println!(
        "  {:<16} {}",
        activity.action_type.as_deref().unwrap_or_default(),
        text(&activity.action_details),
    );
    println!(
        "  {:<16} {} by {} in {}, {}",
        "",
        time(activity),
        text(&activity.user_id),
        text(&activity.request_id),
        activity.reference_ids.to_json(),
    );
}

/// When it was done, in UTC to the second.
fn time(activity: &Activity) -> String {
    let seconds = activity.created_at.unwrap_or_default() / 1000;
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok();
    time.and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
