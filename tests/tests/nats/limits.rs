//! Limits of the server, the streams and the consumer, and a consumer that is paused.

use std::{sync::Arc, time::Duration};

use nkeys::KeyPair;
use serde_json::json;
use tracker_core::{
    ActionType, Activity, JetStreamStore, MemoryStore, Store, StoreError, Tracker,
    nats::{Limit, NatsError},
};
use tracker_tests::nats::{NatsCluster, NatsOptions as ClusterOptions, NatsRelease};

use crate::support::{LIMIT, Place, Running, activities, ids, logged, small, until};
use crate::{
    identities::{limited_credentials, of_account, written},
    logging_in::store,
};

async fn limits(place: &Place) -> Vec<Limit> {
    place.store().stream_limits().await.unwrap()
}

fn settings_of(limits: &[Limit]) -> Vec<&'static str> {
    limits.iter().map(|limit| limit.setting).collect()
}

/// Publishes a batch and asserts that all of it is relayed.
async fn relays(place: &Place, from: usize) {
    let table = MemoryStore::new();
    let relay = Running::start(place.relay(table.clone()));
    let published = activities(from, 500);
    place.store().write(published.clone().into()).await.unwrap();
    place.emptied().await;
    assert_eq!(relay.relay.stats().dead_lettered, 0);
    relay.end().await;
    assert_eq!(ids(&table.activities()), ids(&published));
}

#[tokio::test]
async fn a_relay_takes_what_a_limit_of_the_server_allows_and_says_so_once() {
    let place = Place::on(&ClusterOptions {
        settings: "jetstream { store_dir: jetstream, max_mem: 64MB, max_file: 1GB, limits { max_request_batch: 10 } }".to_owned(),
        ..ClusterOptions::default()
    });
    place.store().set_up(&small()).await.unwrap();
    let told = limits(&place).await;
    assert_eq!(settings_of(&told), ["max_batch"]);
    assert_eq!(
        told[0].to_string(),
        "max_batch of consumer relay is 10: a relay asks for no more activities at once"
    );
    assert!(!told[0].is_stop);

    relays(&place, 0).await;
    let here = place.cluster.url().replace("nats://", "");
    assert_eq!(logged(&["max_batch=10", &here]), 1);
    assert_eq!(logged(&["no activities come out", &here]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_takes_what_each_limit_of_the_consumer_allows() {
    let place = Place::new().await;
    assert_eq!(limits(&place).await, []);
    for (number, (changes, setting)) in [
        (json!({ "max_batch": 1 }), "max_batch"),
        (json!({ "max_expires": 100_000_000 }), "max_expires"),
        (json!({ "max_ack_pending": 3 }), "max_ack_pending"),
        (json!({ "max_waiting": 1, "max_batch": 50 }), "max_waiting"),
        (json!({ "max_bytes": 2_000 }), "max_bytes"),
    ]
    .into_iter()
    .enumerate()
    {
        place.remake_consumer(changes).await;
        let told = settings_of(&limits(&place).await);
        // The relay's pull requests have no number of bytes, so this setting limits nothing.
        assert_eq!(told.contains(&setting), setting != "max_bytes", "{told:?}");
        relays(&place, number * 500).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_is_set_while_a_relay_runs_is_taken_too() {
    let place = Place::new().await;
    let table = MemoryStore::new();
    let relay = Running::start(place.relay(table.clone()));
    let published = activities(0, 200);
    let (before, after) = published.split_at(100);
    place.store().write(before.to_vec().into()).await.unwrap();
    place.emptied().await;
    place
        .change_consumer(json!({ "max_batch": 7, "max_expires": 200_000_000 }))
        .await;
    place.store().write(after.to_vec().into()).await.unwrap();
    place.emptied().await;
    relay.end().await;
    assert_eq!(ids(&table.activities()), ids(&published));
}

#[tokio::test]
async fn a_smaller_limit_of_unacknowledged_messages_is_refused_with_the_limit() {
    let place = Place::on(&ClusterOptions {
        settings: "jetstream { store_dir: jetstream, max_mem: 64MB, max_file: 1GB, limits { max_ack_pending: 1000 } }".to_owned(),
        ..ClusterOptions::default()
    });
    let refused = place.store().set_up(&small()).await.unwrap_err();
    let NatsError::Refused { source, .. } = &refused else {
        panic!("{refused:?}");
    };
    assert!(source.description.contains("1000"), "{source}");
    place
        .store()
        .set_up(&small().unacknowledged_max(1_000))
        .await
        .unwrap();
}

#[tokio::test]
async fn limits_of_messages_and_of_dead_letters_are_told() {
    let place = Place::on(&ClusterOptions {
        settings: "max_payload: 60KB".to_owned(),
        ..ClusterOptions::default()
    });
    place.store().set_up(&small()).await.unwrap();
    place.change_stream(json!({ "max_msg_size": 1_000 })).await;
    let subject = "STREAM.INFO.ACTIVITIES_DEAD";
    let mut dead_letters = place.told(subject, &json!({})).await["config"].take();
    dead_letters["deny_delete"] = true.into();
    place
        .told("STREAM.UPDATE.ACTIVITIES_DEAD", &dead_letters)
        .await;
    let told = limits(&place).await;
    assert_eq!(
        settings_of(&told),
        ["max_payload", "max_msg_size", "deny_delete"]
    );
    // The check of the stream succeeds all the same.
    place.store().check().await.unwrap();
    let large = Activity::new(ActionType::Deployment).details("x".repeat(1_000));
    let error = place.store().write(vec![large].into()).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_activity_that_is_too_large_for_the_user_is_refused_and_holds_up_no_other() {
    for release in [NatsRelease::Usual, NatsRelease::V2_15] {
        let account = KeyPair::new_account();
        let cluster = NatsCluster::new(&ClusterOptions {
            release,
            ..of_account(&account)
        });
        let folder = tempfile::tempdir().unwrap();
        let user = |name, payload| {
            let content = limited_credentials(&account, &KeyPair::new_user(), None, payload);
            let file = written(folder.path(), name, &content);
            store(&format!("{}?credentials={file}", cluster.url()))
        };
        user("admin.creds", -1).set_up(&small()).await.unwrap();
        let worker = user("worker.creds", 2_000);
        worker.write(activities(0, 3).into()).await.unwrap();
        let mut rows = activities(3, 10);
        for number in 0..10 {
            rows[5] = rows[5]
                .clone()
                .reference(format!("record_{number}"), "x".repeat(250));
        }
        let error = worker
            .write(vec![rows[5].clone()].into())
            .await
            .unwrap_err();
        assert!(
            matches!(error, StoreError::Refused { .. }),
            "{release:?}: {error:?}"
        );
        let builder = Tracker::builder().store(worker).batch_rows(2);
        let tracker = builder.build().unwrap();
        for row in &rows {
            tracker.record(row.clone());
        }
        tokio::time::timeout(LIMIT, tracker.flush())
            .await
            .expect("all are delivered");
        let stats = tracker.stats();
        assert_eq!((stats.stored, stats.dropped.total()), (9, 1));
    }
}

#[tokio::test]
async fn a_paused_consumer_is_told_with_its_time_and_goes_on_by_itself() {
    let place = Place::on_2_15("");
    place.store().set_up(&small()).await.unwrap();
    let pause = json!({ "pause_until": "2099-01-01T00:00:00Z" });
    place.told("CONSUMER.PAUSE.ACTIVITIES.relay", &pause).await;
    let told = limits(&place).await;
    assert_eq!(settings_of(&told), ["pause_until"]);
    assert!(
        told[0].is_stop && told[0].is == "2099-01-01T00:00:00Z",
        "{told:?}"
    );
    // The pause was requested, and an update leaves it alone.
    assert_eq!(place.store().update(&small()).await.unwrap(), [""; 0]);

    let table = MemoryStore::new();
    let relay = Running::start(place.relay(table.clone()));
    let here = place.cluster.url().replace("nats://", "");
    let paused = [
        "the consumer is paused",
        "until=\"2099-01-01T00:00:00Z\"",
        &here,
    ];
    until("it says so", || logged(&paused) > 0).await;
    place.store().write(activities(0, 10).into()).await.unwrap();
    place
        .told("CONSUMER.PAUSE.ACTIVITIES.relay", &json!({}))
        .await;
    place.emptied().await;
    until("it says that it goes on", || {
        logged(&["not paused any more", &here]) == 1
    })
    .await;
    relay.end().await;
    assert_eq!(table.activities().len(), 10);
    assert_eq!(logged(&paused), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stream_has_too_much_of_is_published_again_and_no_row_is_refused() {
    let place = Place::on_2_15(
        "jetstream { store_dir: jetstream, max_mem: 64MB, max_file: 1GB, max_buffered_msgs: 5 }",
    );
    place.store().set_up(&small()).await.unwrap();
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let store = place.store();
            let rows = activities(worker * 1_000, 1_000);
            tokio::spawn(async move { store.write(rows.into()).await })
        })
        .collect();
    for worker in workers {
        tokio::time::timeout(LIMIT, worker)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
    assert_eq!(place.messages("ACTIVITIES").await, 4_000);

    let tracker = Tracker::builder().store(place.store()).build().unwrap();
    for activity in activities(0, 2_000) {
        tracker.record(activity);
    }
    tokio::time::timeout(LIMIT, tracker.flush()).await.unwrap();
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.total()), (2_000, 0));
    assert_eq!(place.messages("ACTIVITIES").await, 6_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_delivers_headers_alone_makes_no_dead_letters() {
    let place = Place::new().await;
    let headers = json!({ "headers_only": true });
    place.change_consumer(headers.clone()).await;
    let relay = place.relay(MemoryStore::new()).build();
    let error = relay.run(std::future::pending()).await.unwrap_err();
    assert!(matches!(error, NatsError::Different { .. }), "{error:?}");
    assert!(error.to_string().contains("headers_only"), "{error}");

    // The same holds if the setting changes while a relay runs.
    place
        .change_consumer(json!({ "headers_only": false }))
        .await;
    let relay = Running::start(place.relay(MemoryStore::new()));
    place.store().write(activities(0, 5).into()).await.unwrap();
    place.emptied().await;
    place.change_consumer(headers).await;
    place.store().write(activities(5, 5).into()).await.unwrap();
    until("it has them", || relay.relay.stats().given_back == 5).await;
    assert_eq!(relay.relay.stats().dead_lettered, 0);
    assert_eq!(place.messages("ACTIVITIES").await, 5);
    relay.end().await;
}

#[tokio::test]
async fn a_consumer_with_groups_or_that_pushes_is_not_begun_with() {
    let place = Place::on_2_15("");
    let store: Arc<JetStreamStore> = Arc::new(place.store());
    store.set_up(&small()).await.unwrap();
    for (changes, setting) in [
        (
            json!({ "priority_groups": ["a"], "priority_policy": "overflow" }),
            "priority_policy",
        ),
        (
            json!({ "deliver_subject": "pushed.here", "max_waiting": 0 }),
            "deliver_subject",
        ),
    ] {
        place.remake_consumer(changes).await;
        let relay = place.relay(MemoryStore::new()).build();
        let beginning = tokio::time::timeout(LIMIT, relay.run(std::future::pending()));
        let error = beginning.await.unwrap().unwrap_err();
        assert!(error.to_string().contains(setting), "{error}");
        store
            .update(&small().acknowledge_wait(Duration::from_secs(30)))
            .await
            .unwrap();
    }
}
