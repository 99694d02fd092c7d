//! Updates of the streams: settings that stay, settings that are corrected, and differences that no
//! update can correct.

use std::time::Duration;

use serde_json::{Value, json};
use tracker_core::{
    MemoryStore, Store, StoreError,
    nats::{NatsError, StreamSettings},
};
use tracker_tests::errors::all_text;

use crate::support::{Place, Running, activities, ids, merged, small};

/// Settings of a 2.15 server that the client does not know, and which an update keeps. The limits
/// for consumers are below those that the consumer would have otherwise.
fn of_newer_servers() -> Value {
    json!({
        "compression": "s2",
        "metadata": { "team": "audit", "cost": "7" },
        "consumer_limits": { "max_ack_pending": 50_000, "inactive_threshold": 3_600_000_000_000_u64 },
        "allow_atomic": true,
        "allow_batched": true,
        "allow_msg_ttl": true,
        "subject_delete_marker_ttl": 5_000_000_000_u64,
        "allow_rollup_hdrs": true,
        "allow_direct": true,
        "republish": { "src": "activities.*", "dest": "copies.{{wildcard(1)}}" },
        "subject_transform": { "src": "activities.*", "dest": "moved.{{wildcard(1)}}" },
        "max_msg_size": 500_000,
        "max_consumers": 7,
        "placement": { "cluster": "" },
    })
}

#[tokio::test]
async fn an_update_changes_what_is_named_and_keeps_all_else_that_the_server_has() {
    let place = Place::on_2_15("");
    let wanted = json!({
        "name": "ACTIVITIES", "subjects": ["activities.*"], "retention": "workqueue", "discard": "new", "storage": "file",
        "max_bytes": 64 << 20, "duplicate_window": 120_000_000_000_u64, "num_replicas": 1,
        "description": "The words of somebody else.",
    });
    let stream = merged(wanted, of_newer_servers());
    place.told("STREAM.CREATE.ACTIVITIES", &stream).await;
    let store = place.store();
    let settings = || async { store.settings().await.unwrap().replicas(1) };
    store
        .update(&settings().await.dead_letter_bytes_max(1 << 20))
        .await
        .unwrap();
    place
        .change_consumer(json!({
            "metadata": { "team": "audit" }, "max_batch": 1_000, "max_expires": 5_000_000_000_u64, "max_bytes": 9_000_000,
            "sample_freq": "10", "description": "Theirs.",
        }))
        .await;
    let pause = json!({ "pause_until": "2099-01-01T00:00:00Z" });
    place.told("CONSUMER.PAUSE.ACTIVITIES.relay", &pause).await;
    let (stream, consumer) = (place.stream_config().await, place.consumer_config().await);

    let changed = settings().await.bytes_max(32 << 20).unacknowledged_max(77);
    let done = store.update(&changed).await.unwrap();
    assert_eq!(
        done,
        [
            "changed the stream ACTIVITIES",
            "changed the consumer relay"
        ]
    );
    assert_eq!(
        place.stream_config().await,
        merged(stream, json!({ "max_bytes": 32 << 20 }))
    );
    assert_eq!(
        place.consumer_config().await,
        merged(consumer, json!({ "max_ack_pending": 77 }))
    );
    assert_eq!(store.update(&changed).await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn an_update_mends_what_breaks_a_promise_of_the_streams_and_is_told_first() {
    let place = Place::new().await;
    place
        .change_stream(json!({ "discard": "old", "max_age": 3_600_000_000_000_u64, "max_msgs": 5, "max_msgs_per_subject": 2 }))
        .await;
    place
        .change_consumer(json!({
            "max_deliver": 3, "backoff": [1_000_000_000, 2_000_000_000], "filter_subject": "activities.one",
            "inactive_threshold": 60_000_000_000_u64, "headers_only": true,
        }))
        .await;
    let store = place.store();
    let named = |differences: Vec<_>| -> Vec<_> {
        let name = |one: &tracker_core::nats::Difference| one.setting.unwrap();
        differences.iter().map(name).collect()
    };
    let differences = store.differences(&small()).await.unwrap();
    assert_eq!(
        named(differences),
        [
            "discard",
            "max_age",
            "max_msgs",
            "max_msgs_per_subject",
            "ack_wait",
            "backoff",
            "max_deliver",
            "filter_subject",
            "headers_only",
            "inactive_threshold"
        ]
    );
    store.update(&small()).await.unwrap();
    assert_eq!(store.differences(&small()).await.unwrap(), []);
}

#[tokio::test]
async fn several_filters_and_groups_of_a_consumer_are_told_and_mended() {
    let place = Place::on_2_15("");
    place.store().set_up(&small()).await.unwrap();
    let store = place.store();
    for (changes, setting) in [
        (
            json!({ "filter_subjects": ["activities.a", "activities.b"] }),
            "filter_subjects",
        ),
        (
            json!({ "priority_groups": ["a"], "priority_policy": "pinned_client" }),
            "priority_policy",
        ),
    ] {
        place.change_consumer(changes).await;
        let differences = store.differences(&small()).await.unwrap();
        assert!(
            differences.iter().any(|one| one.setting == Some(setting)),
            "{differences:?}"
        );
        store.update(&small()).await.unwrap();
        assert_eq!(store.differences(&small()).await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_of_which_no_server_changes_what_differs_is_made_anew_and_loses_nothing() {
    for changes in [
        json!({ "replay_policy": "original" }),
        json!({ "deliver_subject": "pushed.here", "max_waiting": 0 }),
    ] {
        let place = Place::new().await;
        let published = activities(0, 20);
        place.store().write(published.clone().into()).await.unwrap();
        place.remake_consumer(changes).await;
        let done = place.store().update(&small()).await.unwrap();
        assert_eq!(
            done,
            ["made the consumer relay anew, since no server changes this of one"]
        );
        let table = MemoryStore::new();
        let relay = Running::start(place.relay(table.clone()));
        place.emptied().await;
        relay.end().await;
        assert_eq!(ids(&table.activities()), ids(&published));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_stream_is_an_error_that_costs_no_activity_and_that_no_update_mends() {
    let place = Place::new().await;
    place.change_stream(json!({ "sealed": true })).await;
    let store = place.store();
    for error in [
        store.write(activities(0, 1).into()).await.unwrap_err(),
        store.check().await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::NoStream { .. }), "{error:?}");
        assert!(
            error.is_transient() && all_text(&error).contains("sealed"),
            "{error:?}"
        );
    }
    let differences = store.differences(&small()).await.unwrap();
    assert_eq!(
        differences[0].to_string(),
        "sealed of ACTIVITIES is true, not false"
    );
    let refused = store.update(&small()).await.unwrap_err();
    let NatsError::Refused { source, .. } = &refused else {
        panic!("{refused:?}");
    };
    assert!(source.description.contains("can not unseal"), "{source}");
}

#[tokio::test]
async fn a_mirror_and_a_stream_that_acknowledges_too_early_are_told() {
    let place = Place::on_2_15("");
    place.store().set_up(&small()).await.unwrap();
    let stream = place.stream_config().await;
    for (changes, setting) in [
        (json!({ "persist_mode": "async" }), "persist_mode"),
        (
            json!({
                "mirror": { "name": "OTHER" }, "subjects": [], "retention": "limits", "duplicate_window": 0,
                "allow_batched": false,
            }),
            "mirror",
        ),
        (
            json!({ "allow_msg_counter": true, "discard": "old", "retention": "limits", "allow_direct": true }),
            "allow_msg_counter",
        ),
        (json!({ "no_ack": true }), "no_ack"),
    ] {
        place.told("STREAM.DELETE.ACTIVITIES", &json!({})).await;
        let made = merged(stream.clone(), changes);
        place.told("STREAM.CREATE.ACTIVITIES", &made).await;
        let differences = place.store().differences(&small()).await.unwrap();
        assert!(
            differences.iter().any(|one| one.setting == Some(setting)),
            "{setting}: {differences:?}"
        );
    }
}

#[tokio::test]
async fn a_stream_of_counters_is_waited_for_and_no_activity_is_at_fault() {
    let place = Place::on_2_15("");
    let counters = json!({
        "name": "ACTIVITIES", "subjects": ["activities.*"], "retention": "limits", "storage": "file", "allow_msg_counter": true,
        "allow_direct": true,
    });
    place.told("STREAM.CREATE.ACTIVITIES", &counters).await;
    let error = place
        .store()
        .write(activities(0, 1).into())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::NoStream { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_not_set_of_a_stream_counts_as_what_it_has() {
    let place = Place::with(small().duplicate_window(Duration::from_secs(7))).await;
    let found = place.store().settings().await.unwrap();
    assert_eq!(place.store().differences(&found).await.unwrap(), []);
    let usual = StreamSettings::default().replicas(1);
    assert_eq!(place.store().differences(&usual).await.unwrap().len(), 4);
}
