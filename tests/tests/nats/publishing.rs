//! The messages that a `JetStreamStore` publishes.

use std::time::Duration;

use futures_util::StreamExt;
use tracker_core::{
    Activity, JetStreamStore, Store, StoreError, Tracker,
    store::{Batch, Pruning},
    timeline::Query,
};

use crate::support::{LIMIT, Place, activities, ids};

#[tokio::test]
async fn each_activity_is_one_message_under_its_id_on_the_subject_of_its_project() {
    let place = Place::new().await;
    let mut written = activities(0, 2);
    written[1].project_id = None;
    place.store().write(written.clone().into()).await.unwrap();

    let jetstream = place.jetstream().await;
    let stream = jetstream.get_stream("ACTIVITIES").await.unwrap();
    for (number, activity) in written.iter().enumerate() {
        let message = stream.get_raw_message(number as u64 + 1).await.unwrap();
        let subject = ["activities.project%2E0", "activities.%null"][number];
        assert_eq!(message.subject.as_str(), subject);
        let id = message.headers.get("Nats-Msg-Id").unwrap();
        assert_eq!(id.as_str(), activity.action_id);
        let read: Activity = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(read, *activity);
    }
    assert_eq!(place.messages("ACTIVITIES").await, 2);
}

#[tokio::test]
async fn a_server_that_is_slow_with_many_subjects_is_given_one() {
    let place = Place::new().await;
    let mut written = activities(0, 200);
    for (number, activity) in written.iter_mut().enumerate() {
        activity.project_id = Some(format!("project_{number}"));
    }
    // The URL sets no number of subjects, so the store chooses by the server's version.
    let store = JetStreamStore::new(&place.cluster.url()).unwrap();
    store.write(written.clone().into()).await.unwrap();
    let stream = place
        .jetstream()
        .await
        .get_stream("ACTIVITIES")
        .await
        .unwrap();
    let state = stream.cached_info().state.clone();
    let version = async_nats::connect(place.cluster.url())
        .await
        .unwrap()
        .server_info()
        .version;
    let subjects = if version.starts_with("2.9.") { 1 } else { 200 };
    assert_eq!(
        (state.messages, state.subjects_count),
        (200, subjects),
        "{version}"
    );
}

#[tokio::test]
async fn a_batch_that_is_written_again_is_in_the_stream_once() {
    let place = Place::new().await;
    let batch = Batch::from(activities(0, 500));
    let store = place.store();
    store.write(batch.clone()).await.unwrap();
    store.write(batch.retry()).await.unwrap();
    place.store().write(batch).await.unwrap();
    assert_eq!(place.messages("ACTIVITIES").await, 500);
}

#[tokio::test]
async fn a_batch_is_written_with_any_number_of_acknowledgements_waited_for_at_once() {
    let place = Place::new().await;
    for unacknowledged_max in [0, 1, 7, 100_000] {
        let builder = JetStreamStore::builder(&place.url).unwrap();
        let store = builder
            .unacknowledged_max(unacknowledged_max)
            .build()
            .unwrap();
        let before = place.messages("ACTIVITIES").await;
        store.write(activities(0, 300).into()).await.unwrap();
        assert_eq!(place.messages("ACTIVITIES").await, before + 300);
    }
}

#[tokio::test]
async fn a_store_that_publishes_says_that_it_reads_nothing() {
    let place = Place::bare();
    let store = place.store();
    let read = store.timeline(Query::project("p")).await.unwrap_err();
    assert!(matches!(read, StoreError::Unsupported { .. }), "{read}");
    assert!(!read.is_transient());
    let pruned = store.prune(Pruning::before(0)).await.unwrap_err();
    assert!(matches!(pruned, StoreError::Unsupported { .. }), "{pruned}");
}

#[tokio::test]
async fn a_check_asks_the_stream_and_leaves_nothing_in_it() {
    let place = Place::new().await;
    for _ in 0..3 {
        place.store().check().await.unwrap();
    }
    assert_eq!(place.messages("ACTIVITIES").await, 0);
}

#[test]
fn a_store_publishes_from_an_executor_that_is_not_tokio() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let place = runtime.block_on(Place::new());
    let store = place.store();
    futures_executor::block_on(store.write(activities(0, 10).into())).unwrap();
    assert_eq!(runtime.block_on(place.messages("ACTIVITIES")), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tracker_delivers_while_the_server_is_away_for_a_while() {
    let mut place = Place::new().await;
    let tracker = Tracker::builder()
        .store(place.store())
        .batch_rows(100)
        .retry_delays(Duration::from_millis(10), Duration::from_millis(50))
        .build()
        .unwrap();
    let recorded = activities(0, 3_000);
    let (first, second) = recorded.split_at(1_500);
    for activity in first {
        tracker.record(activity.clone());
    }
    place.cluster.node(0).stop();
    for activity in second {
        tracker.record(activity.clone());
    }
    place.cluster.node(0).restart();
    tokio::time::timeout(LIMIT, tracker.flush())
        .await
        .expect("it is delivered");
    let stats = tracker.stats();
    assert_eq!((stats.stored, stats.dropped.total()), (3_000, 0));

    // An answer that was lost with the connection has not led to a second message.
    let jetstream = place.jetstream().await;
    let stream = jetstream.get_stream("ACTIVITIES").await.unwrap();
    let consumer = stream.get_consumer::<async_nats::jetstream::consumer::pull::Config>("relay");
    let consumer = consumer.await.unwrap();
    let messages = consumer.fetch().max_messages(4_000).messages();
    let messages: Vec<_> = messages.await.unwrap().collect().await;
    let read: Vec<Activity> = messages
        .into_iter()
        .map(|message| serde_json::from_slice(&message.unwrap().payload).unwrap())
        .collect();
    assert_eq!(ids(&read), ids(&recorded));
}
