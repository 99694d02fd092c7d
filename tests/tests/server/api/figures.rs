//! The figures of a mounted router: each answer is counted, whatever gave it.

use axum::http::request;
use futures_util::future::BoxFuture;
use metrics_util::debugging::{DebugValue, DebuggingRecorder};
use tokio::runtime::Builder;
use tracker_core::MemoryStore;
use tracker_server::{Authorize, Decision};
use tracker_tests::api::Api;

use super::PATH;

/// Panics, as a mistake in an application does.
struct Mistaken;

impl Authorize for Mistaken {
    fn decide<'a>(&'a self, _: &'a request::Parts, _: &'a str) -> BoxFuture<'a, Decision> {
        panic!("it is mistaken");
    }
}

#[test]
fn refusals_and_panics_are_counted_as_answers_are() {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    // One thread makes them all, so a recorder of its own hears them.
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            let api = Api::new(MemoryStore::new(), Mistaken);
            let large = [("content-length", "100000")];
            for (path, headers, status) in [
                ("/healthz", &[][..], 200),
                ("/healthz", &large[..], 413),
                ("/nothing", &[], 404),
                (PATH, &[], 500),
            ] {
                assert_eq!(api.get_with(path, headers).await.status, status, "{path}");
            }
        });
    });
    let mut counted = Vec::new();
    for (key, unit, description, value) in snapshotter.snapshot().into_vec() {
        let key = key.key();
        assert!(description.is_some(), "{} has no meaning", key.name());
        let labels: Vec<_> = key.labels().map(metrics::Label::value).collect();
        match value {
            DebugValue::Counter(1) => counted.push(labels.join(" ")),
            DebugValue::Histogram(_) => assert_eq!(unit, Some(metrics::Unit::Seconds)),
            value => panic!("{labels:?}: {value:?}"),
        }
    }
    counted.sort();
    assert_eq!(
        counted,
        [
            "(none) 404",
            "/api/projects/{project_id}/activities 500",
            "/healthz 200",
            "/healthz 413",
        ]
    );
}
