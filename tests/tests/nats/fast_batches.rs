//! Batches whose messages the stream acknowledges together, which servers from 2.14 on do.

use std::time::Duration;

use async_nats::{ConnectOptions, HeaderMap, jetstream};
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;
use tracker_core::{Activity, JetStreamStore, Store, StoreError, Tracker, store::Batch};
use tracker_tests::nats::{NatsOptions as ClusterOptions, NatsRelease};

use crate::support::{LIMIT, Place, activities, ids, small};

/// A header that the first message of each fast batch has, and no other message.
const FIRST: &str = "Nats-Expected-Stream";

async fn set_up() -> Place {
    let place = Place::on_2_15("");
    place.store().set_up(&small()).await.unwrap();
    place
}

/// Returns all messages of the stream in order: headers and activity.
async fn all(place: &Place) -> Vec<(HeaderMap, Activity)> {
    let stream = place.jetstream().await;
    let stream = stream.get_stream("ACTIVITIES").await.unwrap();
    let state = &stream.cached_info().state;
    let numbers = state.first_sequence..=state.last_sequence;
    let read = async |number| {
        let message = stream.get_raw_message(number).await.unwrap();
        let activity = serde_json::from_slice(&message.payload).unwrap();
        (message.headers, activity)
    };
    futures_util::stream::iter(numbers)
        .then(read)
        .collect()
        .await
}

/// Returns the number of fast batches that have begun in the stream.
async fn fast_batches(place: &Place) -> usize {
    let all = all(place).await;
    all.iter()
        .filter(|(headers, _)| headers.get(FIRST).is_some())
        .count()
}

/// Asserts that the stream has each of these once, and nothing else.
async fn has_once(place: &Place, published: &[Activity]) {
    let found: Vec<_> = all(place).await.into_iter().map(|(_, row)| row).collect();
    assert_eq!(ids(&found), ids(published));
}

#[tokio::test]
async fn a_fast_batch_is_in_the_stream_in_its_order_and_under_its_ids() {
    let place = set_up().await;
    let written = activities(0, 2_500);
    place.store().write(written.clone().into()).await.unwrap();
    let found = all(&place).await;
    assert_eq!(found.len(), written.len());
    for (number, ((headers, found), written)) in found.iter().zip(&written).enumerate() {
        assert_eq!(found, written);
        let id = headers.get("Nats-Msg-Id").unwrap();
        assert_eq!(id.as_str(), written.action_id);
        assert_eq!(headers.get(FIRST).is_some(), number == 0);
    }
}

#[tokio::test]
async fn a_batch_of_which_the_stream_has_a_part_is_in_it_once() {
    let place = set_up().await;
    let written = activities(0, 1_000);
    let part = |of: &[usize]| of.iter().map(|at| written[*at].clone()).collect::<Batch>();
    // The first and the last one, some between them, and then all.
    let some: Vec<_> = (0..1_000).filter(|at| at % 7 == 0 || *at > 700).collect();
    for batch in [part(&some), written.clone().into(), written.clone().into()] {
        place.store().write(batch).await.unwrap();
    }
    has_once(&place, &written).await;
}

#[tokio::test]
async fn a_retry_is_published_message_by_message() {
    let place = set_up().await;
    let batch = Batch::from(activities(0, 300)).retry();
    place.store().write(batch).await.unwrap();
    assert_eq!(fast_batches(&place).await, 0);
    assert_eq!(place.messages("ACTIVITIES").await, 300);
}

#[tokio::test]
async fn a_stream_without_fast_batches_is_published_to_message_by_message() {
    let place = set_up().await;
    place.change_stream(json!({ "allow_batched": false })).await;
    let written = activities(0, 1_000);
    let store = place.store();
    for part in written.chunks(500) {
        store.write(part.to_vec().into()).await.unwrap();
    }
    has_once(&place, &written).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_stops_and_resumes_taking_fast_batches_has_each_activity_once() {
    let place = set_up().await;
    let written = activities(0, 20_000);
    let writing = async {
        for part in written.chunks(2_000) {
            // Each store tries fast batches anew.
            place.store().write(part.to_vec().into()).await.unwrap();
        }
    };
    let changing = async {
        for is_on in [false, true].into_iter().cycle() {
            place.change_stream(json!({ "allow_batched": is_on })).await;
        }
    };
    tokio::select! {
        () = writing => {}
        () = changing => {}
    }
    assert_eq!(place.messages("ACTIVITIES").await, 20_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_activity_is_found_and_all_others_of_its_fast_batch_are_stored() {
    let place = set_up().await;
    place.change_stream(json!({ "max_msg_size": 1_000 })).await;
    for at in [0, 1, 300, 599] {
        let mut written = activities(0, 600);
        written[at] = written[at].clone().details("x".repeat(1_000));
        let error = place.store().write(written.clone().into()).await;
        let error = error.unwrap_err();
        assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
        let before = place.messages("ACTIVITIES").await;
        assert!(before >= at as u64, "those before it are in the stream");

        let builder = Tracker::builder().store(place.store()).batch_rows(600);
        let tracker = builder.build().unwrap();
        for activity in &written {
            tracker.record(activity.clone());
        }
        timeout(LIMIT, tracker.flush()).await.expect("it ends");
        let stats = tracker.stats();
        assert_eq!((stats.stored, stats.dropped.total()), (599, 1));
        written.remove(at);
        has_once(&place, &written).await;
        place.told("STREAM.PURGE.ACTIVITIES", &json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_stream_refuses_of_a_fast_batch_is_stored_once_there_is_room() {
    let place = set_up().await;
    place.change_stream(json!({ "max_bytes": 200_000 })).await;
    let written = activities(0, 2_000);
    let error = place.store().write(written.clone().into()).await;
    let error = error.unwrap_err();
    assert!(matches!(error, StoreError::NoRoom { .. }), "{error:?}");
    let stored = place.messages("ACTIVITIES").await;
    assert!((100..2_000).contains(&stored), "{stored}");
    place.change_stream(json!({ "max_bytes": 64 << 20 })).await;
    place.store().write(written.clone().into()).await.unwrap();
    has_once(&place, &written).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_not_subscribe_to_the_answers_of_a_batch_publishes_message_by_message() {
    let place = Place::on_2_15(
        r#"authorization { users = [
            { user: admin, password: secret }
            { user: worker, password: secret, permissions: {
                publish: "activities.*", subscribe: "_INBOX.*.*" } }
        ] }"#,
    );
    let store = |user: &str| {
        let url = place
            .url
            .replace("nats://", &format!("nats://{user}:secret@"));
        JetStreamStore::new(&url).unwrap()
    };
    store("admin").set_up(&small()).await.unwrap();
    let worker = store("worker");
    for from in [0, 1_000] {
        worker.write(activities(from, 1_000).into()).await.unwrap();
    }
    let login = ConnectOptions::with_user_and_password("admin".into(), "secret".into());
    let client = login.connect(place.cluster.url()).await.unwrap();
    let stream = jetstream::new(client).get_stream("ACTIVITIES").await;
    assert_eq!(stream.unwrap().cached_info().state.messages, 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_stream_that_takes_the_subject_stores_nothing_of_a_fast_batch() {
    let place = Place::on_2_15("");
    let other = json!({ "name": "OTHER", "subjects": ["activities.*"], "allow_batched": true });
    place.told("STREAM.CREATE.OTHER", &other).await;
    let error = place.store().write(activities(0, 500).into()).await;
    let error = error.unwrap_err();
    assert!(matches!(error, StoreError::NoStream { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_workers_publish_fast_batches_at_once() {
    let place = set_up().await;
    let written = activities(0, 24_000);
    let writing = written.chunks(3_000).map(|part| {
        let (store, part) = (place.store(), part.to_vec());
        async move {
            for batch in part.chunks(1_000) {
                store.write(batch.to_vec().into()).await.unwrap();
            }
        }
    });
    futures_util::future::join_all(writing).await;
    assert_eq!(place.messages("ACTIVITIES").await, 24_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fast_batch_that_is_given_up_half_way_is_written_again_once() {
    let place = set_up().await;
    let written = activities(0, 4_000);
    let store = place.store();
    let batch = Batch::from(written.clone());
    let begun = async {
        while place.messages("ACTIVITIES").await == 0 {
            tokio::task::yield_now().await;
        }
    };
    // The future is dropped as soon as a message has arrived.
    tokio::select! {
        biased;
        () = begun => {}
        written = store.write(batch.clone()) => written.unwrap(),
    }
    timeout(LIMIT, store.write(batch.retry()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(place.messages("ACTIVITIES").await, 4_000);
}

/// Returns a cluster with a stream of three replicas, and a tracker that publishes to it.
async fn replicated() -> (Place, Tracker) {
    let place = Place::on(&ClusterOptions {
        nodes: 3,
        release: NatsRelease::V2_15,
        ..ClusterOptions::default()
    });
    place.store().set_up(&small().replicas(3)).await.unwrap();
    let tracker = Tracker::builder()
        .store(place.store())
        .retry_delays(Duration::from_millis(10), Duration::from_millis(100))
        .build()
        .unwrap();
    (place, tracker)
}

#[tokio::test(flavor = "multi_thread")]
async fn fast_batches_go_on_when_their_stream_gets_another_leader() {
    let (place, tracker) = replicated().await;
    let recorded = activities(0, 12_000);
    for activity in &recorded {
        tracker.record(activity.clone());
    }
    let changing = async {
        loop {
            let before = stored(&place).await;
            let subject = "STREAM.LEADER.STEPDOWN.ACTIVITIES";
            place.ask(subject, &json!({})).await;
            // Some more arrive at each leader.
            while stored(&place).await == before {
                tokio::task::yield_now().await;
            }
        }
    };
    let flushing = async {
        tokio::select! {
            () = tracker.flush() => {}
            () = changing => {}
        }
    };
    timeout(LIMIT, flushing).await.expect("all are taken");
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.total()), (12_000, 0));
    has_once(&place, &recorded).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fast_batches_go_on_when_the_leader_of_their_stream_is_killed() {
    let (mut place, tracker) = replicated().await;
    let recorded = activities(0, 12_000);
    for part in recorded.chunks(4_000) {
        let before = stored(&place).await;
        for activity in part {
            tracker.record(activity.clone());
        }
        // It is killed while a batch is on its way.
        while stored(&place).await == before {
            tokio::task::yield_now().await;
        }
        let cluster = &mut place.cluster;
        let leader = tokio::task::block_in_place(|| cluster.stream_leader("ACTIVITIES"));
        tokio::task::block_in_place(|| cluster.node(leader).kill());
        let flushed = timeout(LIMIT, tracker.flush()).await;
        flushed.expect("the others take it");
        tokio::task::block_in_place(|| place.cluster.node(leader).restart());
    }
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.total()), (12_000, 0));
    has_once(&place, &recorded).await;
}

/// Returns the number of messages in the stream, as soon as a server tells it.
async fn stored(place: &Place) -> u64 {
    let asking = async {
        loop {
            let jetstream = jetstream::new(async_nats::connect(place.cluster.urls()).await?);
            match jetstream.get_stream("ACTIVITIES").await {
                Ok(stream) => {
                    return Ok::<_, async_nats::ConnectError>(stream.cached_info().state.messages);
                }
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    timeout(LIMIT, asking).await.expect("an answer").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_is_not_acknowledged_while_too_few_servers_have_what_was_published_before() {
    let (mut place, _) = replicated().await;
    let cluster = &mut place.cluster;
    let url = tokio::task::block_in_place(|| {
        let leader = cluster.stream_leader("ACTIVITIES");
        for follower in [leader + 1, leader + 2] {
            cluster.node(follower % 3).kill();
        }
        cluster.urls().swap_remove(leader)
    });
    let builder = JetStreamStore::builder(&url).unwrap();
    let store = builder.answer_timeout(Duration::from_millis(500)).build();
    let store = store.unwrap();
    let batch = Batch::from(activities(0, 200));
    let first = store.write(batch.clone()).await.unwrap_err();
    let again = store.write(batch.retry()).await.unwrap_err();
    assert!(first.is_transient(), "{first:?}");
    assert!(again.is_transient(), "{again:?}");
}

#[tokio::test]
async fn a_stream_takes_fast_batches_from_its_making_or_from_an_update_on() {
    let place = set_up().await;
    let store = place.store();
    assert_eq!(place.stream_config().await["allow_batched"], true);
    assert_eq!(store.differences(&small()).await.unwrap(), []);
    let dead_letters = place.told("STREAM.INFO.ACTIVITIES_DEAD", &json!({})).await;
    assert!(dead_letters["config"].get("allow_batched").is_none());

    // A stream of an older set-up works as it did.
    place.change_stream(json!({ "allow_batched": false })).await;
    assert_eq!(store.set_up(&small()).await.unwrap(), [""; 0]);
    let told = store.differences(&small()).await.unwrap();
    let told: Vec<_> = told.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["allow_batched of ACTIVITIES is false, not true"]);
    let changed = store.update(&small()).await.unwrap();
    assert_eq!(changed, ["changed the stream ACTIVITIES"]);
    assert_eq!(place.stream_config().await["allow_batched"], true);
}
