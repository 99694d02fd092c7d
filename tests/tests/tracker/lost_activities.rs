//! The log line of each lost activity, wherever it is lost. The line is enough to write the row
//! again.
//!
//! The tests share the program's subscriber, because trackers log from threads of their own. Each
//! test recognises its lines by the project.

use std::{
    future::{pending, ready},
    pin::pin,
    time::Duration,
};

use futures_util::FutureExt;
use tracker_core::{
    Activity, Client, Context, Journal, MemoryStore, Status, Store, StoreError, Tracker,
    store::{Batch, BoxFuture},
    timeline::Query,
    tracked,
};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    journals::{LIMIT, away, numbered},
    log::Log,
    process::wait_until,
    quick::quick,
};

/// A log line of a lost activity.
#[derive(Debug)]
struct Line {
    reason: String,
    left_out: u64,
    activity: Activity,
}

/// Returns the log of the whole program.
fn log() -> &'static Log {
    Log::of_process(tracing::Level::ERROR)
}

/// Returns the lines of a project.
fn lines(project: &str) -> Vec<Line> {
    let text = log().text();
    let lines = text.lines().filter_map(|line| {
        let (_, fields) = line.split_once(" tracker_core::lost: an activity is lost reason=")?;
        let (fields, activity) = fields.split_once(" activity=")?;
        let (reason, left_out) = fields.split_once(" left_out=").unwrap_or((fields, "0"));
        Some(Line {
            reason: reason.to_owned(),
            left_out: left_out.parse().unwrap(),
            activity: serde_json::from_str(activity).unwrap(),
        })
    });
    lines
        .filter(|line| line.activity.project_id.as_deref() == Some(project))
        .collect()
}

fn of_project(number: usize, project: &str) -> Activity {
    numbered(number).project_id(project)
}

/// Returns the numbers of the lost activities of a project, all of which must be lost for this
/// reason.
fn numbers(project: &str, reason: &str) -> Vec<usize> {
    let lines = lines(project).into_iter().map(|line| {
        assert!(line.reason.contains(reason), "{line:?}");
        line.activity.action_details.unwrap().parse().unwrap()
    });
    let mut numbers: Vec<_> = lines.collect();
    numbers.sort_unstable();
    numbers
}

/// Returns a tracker whose store never completes a write, and whose queue has room for one
/// activity, which is taken.
fn full(project: &str, wait: Duration) -> Tracker {
    log();
    let tracker = quick(FaultyStore::new(|_, _| Fault::Hangs))
        .queue_capacity(1)
        .full_queue_wait(wait)
        .drop_deadline(Duration::ZERO)
        .environment("staging")
        .build()
        .unwrap();
    tracker.record(of_project(0, project));
    tracker
}

#[tracked(
    action = "deployment",
    details = "deployed {image}",
    references(deployment_id = 7),
    tracker = tracker,
    record = "always"
)]
async fn deploy(tracker: &Tracker, image: &str) -> Result<(), std::fmt::Error> {
    Err(std::fmt::Error)
}

#[tokio::test]
async fn a_row_that_finds_the_queue_full_can_be_written_again_from_its_line() {
    let tracker = full("queue_full", Duration::ZERO);
    let context = Context::new()
        .with_user_id("user_1")
        .with_request_id("req_1")
        .with_project_id("queue_full")
        .with_reference("trace_id", "trace_1");
    let by_hand = of_project(1, "queue_full").details("in \"quotes\",\nand lines");
    tracker.record(by_hand.clone().environment("production"));
    let _ = context.scope(deploy(&tracker, "api:4")).await;

    let [hand, attribute] = lines("queue_full").try_into().unwrap();
    assert_eq!(hand.reason, "the queue is full");
    assert_eq!(hand.activity, by_hand.environment("production"));
    let activity = attribute.activity;
    assert_eq!(activity.user_id.as_deref(), Some("user_1"));
    assert_eq!(activity.request_id.as_deref(), Some("req_1"));
    assert_eq!(activity.environment.as_deref(), Some("staging"));
    assert_eq!(activity.status, Some(Status::Failure));
    assert_eq!(activity.reference_ids.get("deployment_id"), Some("7"));
    assert_eq!(activity.reference_ids.get("trace_id"), Some("trace_1"));
    assert!(activity.created_at.is_some());

    let store = MemoryStore::new();
    store
        .write(Batch::from(vec![activity.clone()]))
        .await
        .unwrap();
    let page = store.timeline(Query::project("queue_full")).await.unwrap();
    assert_eq!(page.activities, [activity]);
}

#[tokio::test]
async fn the_details_are_left_out_where_they_are_not_for_the_log() {
    log();
    let tracker = quick(MemoryStore::new())
        .log_details(false)
        .build()
        .unwrap();
    tracker.shutdown(LIMIT).await;
    let activity = of_project(1, "no_details");
    tracker.record(activity.clone());
    let [line] = lines("no_details").try_into().unwrap();
    assert_eq!(line.activity.action_details, None);
    let told = line.activity.details("1");
    assert_eq!(told, activity);
}

#[tokio::test]
async fn what_is_recorded_after_the_shutdown_is_told() {
    log();
    let tracker = quick(MemoryStore::new()).build().unwrap();
    tracker.record(of_project(0, "after"));
    tracker.shutdown(LIMIT).await;
    tracker.record(of_project(1, "after"));
    tracker.record_durable(of_project(2, "after")).await;
    assert_eq!(numbers("after", "shut down"), [1, 2]);
}

#[tokio::test]
async fn what_waits_for_room_in_vain_is_told_once() {
    let tracker = full("waiting", Duration::from_millis(20));
    tracker.record(of_project(1, "waiting"));
    tracker.record_durable(of_project(2, "waiting")).await;
    drop(tracker);
    let tracker = full("waiting", LIMIT);
    let mut waiting = pin!(tracker.record_durable(of_project(3, "waiting")));
    assert!(waiting.as_mut().now_or_never().is_none());
    waiting.set(tracker.record_durable(of_project(4, "waiting")));
    drop(tracker);
    // Each queued activity is lost with its tracker, for another reason.
    let told = lines("waiting").into_iter();
    let full = told.filter(|line| line.reason == "the queue is full");
    let numbers = full.map(|line| line.activity.action_details.unwrap());
    assert_eq!(numbers.collect::<Vec<_>>(), ["1", "2", "3"]);
}

#[tokio::test]
async fn what_is_queued_or_on_its_way_at_the_deadline_is_told() {
    log();
    let store = FaultyStore::new(|_, _| Fault::Hangs);
    let tracker = quick(store.clone()).batch_rows(4).build().unwrap();
    for number in 0..20 {
        tracker.record(of_project(number, "deadline"));
    }
    wait_until(LIMIT, "two batches are on their way", || {
        store.writes() == 2
    });
    let stats = tracker.shutdown(Duration::ZERO).await;
    assert_eq!(stats.dropped.shutdown_deadline, 20, "{stats:?}");
    let all: Vec<_> = (0..20).collect();
    assert_eq!(numbers("deadline", "the deadline of the shutdown"), all);
}

#[tokio::test]
async fn what_is_neither_in_the_journal_nor_in_the_store_at_the_deadline_is_told() {
    log();
    let directory = tempfile::tempdir().unwrap();
    let tracker = quick(away())
        .journal(Journal::new(directory.path()).bytes_max(64 << 10))
        .build()
        .unwrap();
    let mut recorded = 0;
    wait_until(LIMIT, "the journal is full", || {
        for _ in 0..5 {
            tracker.record(of_project(recorded, "no_room"));
            recorded += 1;
        }
        tracker.stats().queued > 20
    });
    let stats = tracker.shutdown(Duration::ZERO).await;
    let lost = stats.dropped.shutdown_deadline;
    assert!((1..=100).contains(&lost), "{stats:?}");
    let told = numbers("no_room", "the deadline of the shutdown");
    assert_eq!(told.len() as u64, lost);
    // The last activities are those without room.
    assert_eq!(told.last(), Some(&(recorded - 1)));
}

#[tokio::test]
async fn what_the_store_refuses_or_fails_to_write_is_told() {
    log();
    for (fault, project) in [(Fault::Refused, "refused"), (Fault::Failed, "failed")] {
        let store = FaultyStore::new(move |_, batch| {
            let is_bad = |activity: &Activity| activity.action_details.as_deref() == Some("3");
            if batch.activities().iter().any(is_bad) {
                fault
            } else {
                Fault::None
            }
        });
        let tracker = quick(store).retries(1).build().unwrap();
        for number in 0..6 {
            tracker.record(of_project(number, project));
        }
        let stats = tracker.shutdown(LIMIT).await;
        assert_eq!(stats.dropped.total(), 1, "{stats:?}");
        assert_eq!(numbers(project, "a faulty store"), [3]);
    }
}

#[tokio::test]
async fn what_is_refused_without_room_for_its_dead_letter_is_told() {
    log();
    let directory = tempfile::tempdir().unwrap();
    let tracker = quick(FaultyStore::new(|_, _| Fault::Refused))
        .journal(Journal::new(directory.path()).bytes_max(64 << 10))
        .build()
        .unwrap();
    let mut recorded = 0;
    wait_until(LIMIT, "dead letters are too many", || {
        for _ in 0..200 {
            let long = of_project(recorded, "dead").user_id("x".repeat(200));
            tracker.record(long);
            recorded += 1;
        }
        tracker.stats().dropped.refused > 0
    });
    let stats = tracker.shutdown(LIMIT).await;
    let lines = lines("dead");
    let left_out: u64 = lines.iter().map(|line| line.left_out).sum();
    let told = lines.len() as u64 + left_out;
    assert!((1..=stats.dropped.refused).contains(&told), "{stats:?}");
    assert!(lines[0].reason.contains("refused a row"), "{:?}", lines[0]);
}

#[derive(Clone, Copy)]
enum Answer {
    Refusal,
    Never,
}

impl Client for &Answer {
    fn insert<'a>(self, _: &str, _: Activity) -> BoxFuture<'a, Result<(), StoreError>>
    where
        Self: 'a,
    {
        match self {
            Answer::Refusal => Box::pin(ready(Err(StoreError::Refused {
                store: "the caller's".to_owned(),
                source: "expected by this test".into(),
            }))),
            Answer::Never => Box::pin(pending()),
        }
    }
}

#[tokio::test]
async fn what_the_callers_client_does_not_write_is_told_unless_the_caller_is() {
    log();
    let tracker = quick(MemoryStore::new()).build().unwrap();
    let refused = of_project(1, "client");
    tracker.record_in(&Answer::Refusal, refused).await;
    drop(tracker.record_in(&Answer::Never, of_project(2, "client")));
    let polled = tracker.record_in(&Answer::Never, of_project(3, "client"));
    assert!(polled.now_or_never().is_none());
    let told = tracker.try_record_in(&Answer::Refusal, of_project(4, "client"));
    assert!(told.await.is_err());
    assert_eq!(numbers("client", ""), [1, 2, 3]);
    let reasons: Vec<_> = lines("client")
        .into_iter()
        .map(|line| line.reason)
        .collect();
    assert!(
        reasons[0].contains("the caller's refused a row"),
        "{reasons:?}"
    );
    assert!(reasons[1].contains("dropped"), "{reasons:?}");
    let stats = tracker.stats();
    assert_eq!((stats.recorded, stats.dropped.client_failed), (3, 3));
}

#[tokio::test]
async fn a_flood_of_losses_is_some_lines_and_the_next_one_counts_the_others() {
    let tracker = full("flood", Duration::ZERO);
    let recorded = 20_000;
    for number in 1..=recorded {
        tracker.record(of_project(number, "flood"));
    }
    let told = || {
        let lines = lines("flood");
        let left_out: u64 = lines.iter().map(|line| line.left_out).sum();
        (lines.len(), left_out)
    };
    let (lines, _) = told();
    assert!((100..2_000).contains(&lines), "{lines}");
    let mut more = 0;
    wait_until(LIMIT, "there may be a line again", || {
        more += 1;
        tracker.record(of_project(recorded + more, "flood"));
        told().0 > lines
    });
    let (lines, left_out) = told();
    assert_eq!(lines as u64 + left_out, (recorded + more) as u64);
}
