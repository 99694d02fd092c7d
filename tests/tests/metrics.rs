//! The tracker's metrics through the facade of the crate `metrics`. The recorder belongs to the
//! process, so one test covers all of them.

use std::{collections::HashMap, time::Duration};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tracker_core::{ActionType, Activity};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    process::wait_until,
    quick::quick,
};

const LIMIT: Duration = Duration::from_secs(30);

fn figures(snapshotter: &Snapshotter) -> HashMap<String, DebugValue> {
    let figures = snapshotter.snapshot().into_vec().into_iter();
    figures
        .map(|(key, _, description, value)| {
            let key = key.key();
            assert!(description.is_some(), "{} has no meaning", key.name());
            let labels = key
                .labels()
                .filter(|label| label.key() != "store")
                .map(|label| format!("{{{}={}}}", label.key(), label.value()));
            (key.name().to_owned() + &labels.collect::<String>(), value)
        })
        .collect()
}

#[tokio::test]
async fn the_figures_are_those_of_the_account() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    recorder.install().unwrap();
    let store = FaultyStore::new(|write, _| match write {
        0 => Fault::Unreachable,
        1 => Fault::Refused,
        _ => Fault::None,
    });
    let tracker = quick(store.clone()).queue_capacity(3).build().unwrap();
    let mut is_failure_timed = false;
    store.go_away();
    for _ in 0..5 {
        tracker.record(Activity::new(ActionType::Deployment));
    }
    wait_until(
        LIMIT,
        "the depth of the queue is reported while the store is away",
        || {
            let figures = figures(&snapshotter);
            is_failure_timed |=
                figures.contains_key("tracker_write_duration_seconds{outcome=failed}");
            figures.get("tracker_activities_queued") == Some(&DebugValue::Gauge(3.0.into()))
        },
    );
    store.come_back();
    let stats = tracker.shutdown(LIMIT).await;
    assert_eq!(
        (stats.recorded, stats.stored, stats.dropped.queue_full),
        (5, 3, 2)
    );
    let figures = figures(&snapshotter);
    for (name, count) in [
        ("tracker_activities_recorded_total", 5),
        ("tracker_activities_stored_total", 3),
        ("tracker_activities_dropped_total{reason=queue_full}", 2),
        ("tracker_activities_dropped_total{reason=store_failed}", 0),
    ] {
        assert_eq!(
            figures.get(name),
            Some(&DebugValue::Counter(count)),
            "{name}"
        );
    }
    assert_eq!(
        figures["tracker_activities_queued"],
        DebugValue::Gauge(0.0.into())
    );
    assert!(
        matches!(&figures["tracker_batch_rows"], DebugValue::Histogram(rows) if !rows.is_empty())
    );
    assert!(figures.contains_key("tracker_write_duration_seconds{outcome=written}"));
    assert!(is_failure_timed);
}
