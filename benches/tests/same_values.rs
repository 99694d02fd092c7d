//! Proof of a fair comparison: each attribute hands on the same five values.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use fastrace::{
    Span,
    collector::{Config, SpanContext, SpanRecord},
};
use futures_util::FutureExt;
use tracing_subscriber::layer::SubscriberExt;
use tracker_benches::{
    deploy::{self, ARGUMENTS},
    discard::{Fields, KeepFields, Report},
};
use tracker_core::{MemoryStore, Tracker};

type Values = BTreeMap<String, String>;

fn expected() -> Values {
    values([
        ("user_id", ARGUMENTS.user_id),
        ("request_id", ARGUMENTS.request_id),
        ("project_id", ARGUMENTS.project_id),
        (
            "details",
            "deployed registry.example.org/rooms/api:41 to https://rooms.example.org",
        ),
        ("deployment_id", ARGUMENTS.deployment_id),
    ])
}

fn values<N: Into<String>, V: Into<String>>(values: impl IntoIterator<Item = (N, V)>) -> Values {
    values
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

/// Makes one call of a function of `deploy`.
macro_rules! call {
    ($function:path) => {
        $function(
            ARGUMENTS.user_id,
            ARGUMENTS.request_id,
            ARGUMENTS.project_id,
            ARGUMENTS.image,
            ARGUMENTS.deployment_id,
            ARGUMENTS.url,
        )
    };
}

#[test]
fn the_tracker_gets_the_five_values() {
    let store = MemoryStore::new();
    let tracker = Tracker::builder().store(store.clone()).build().unwrap();
    let called = tracker.scope(call!(deploy::tracked)).now_or_never();
    assert!(called.is_some_and(|returned| returned.is_ok()));
    // Waits until the row is written.
    drop(tracker);

    let rows = store.activities();
    let [row] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    let columns = [
        ("user_id", row.user_id.clone()),
        ("request_id", row.request_id.clone()),
        ("project_id", row.project_id.clone()),
        ("details", row.action_details.clone()),
    ];
    let mut got = values(
        columns
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    got.extend(
        row.reference_ids
            .iter()
            .filter_map(|(name, id)| Some((name.to_owned(), id.as_str()?.to_owned()))),
    );
    assert_eq!(got, expected());
}

#[test]
fn the_layer_keeps_the_five_values() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let closed = Arc::clone(&kept);
    let layer = KeepFields(move |fields: Fields| closed.lock().unwrap().push(values(fields.0)));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        assert!(call!(deploy::instrumented).now_or_never().is_some());
    });
    assert_eq!(*kept.lock().unwrap(), [expected()]);
}

#[test]
fn the_reporter_gets_the_five_values() {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&kept);
    let keep = Report(move |spans: Vec<SpanRecord>| seen.lock().unwrap().extend(spans));
    fastrace::set_reporter(keep, Config::default());
    {
        let root = Span::root("root", SpanContext::random());
        let _local_parent = root.set_local_parent();
        assert!(call!(deploy::traced).now_or_never().is_some());
    }
    fastrace::flush();

    let spans = kept.lock().unwrap();
    let of_calls: Vec<_> = spans
        .iter()
        .filter(|span| span.name != "root")
        .map(|span| values(span.properties.iter().cloned()))
        .collect();
    assert_eq!(of_calls, [expected()]);
}
