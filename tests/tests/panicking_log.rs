//! A log that panics. One test: its subscriber is that of the process.

use std::time::Duration;

use tracker_core::{ActionType, Activity};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    quick::quick,
};

fn activity() -> Activity {
    Activity::new(ActionType::Deployment)
}

/// Panics at each event, as a subscriber that writes to a pipe without a reader does.
struct PanickingSubscriber;

impl tracing::Subscriber for PanickingSubscriber {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target().starts_with("tracker_core")
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, _: &tracing::Event<'_>) {
        panic!("expected by this test");
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn a_log_that_panics_stops_neither_the_writer_nor_the_caller() {
    // The writer logs on its own thread, so this is the subscriber of the whole process.
    tracing::subscriber::set_global_default(PanickingSubscriber).unwrap();
    let store = FaultyStore::new(|write, _| match write {
        0 => Fault::Unreachable,
        2 => Fault::Hangs,
        _ => Fault::None,
    });
    let tracker = quick(store.clone())
        .queue_capacity(1)
        .write_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    tracker.record(activity());
    tracker.flush().await;
    assert_eq!(tracker.stats().stored, 1);
    // The third write hangs, so the queue is full.
    tracker.record(activity());
    tracker.record(activity());
    assert_eq!(tracker.stats().dropped.queue_full, 1);
    tracker.flush().await;
    assert_eq!(tracker.stats().stored, 2);
}
