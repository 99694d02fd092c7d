//! Making and checking the streams.

use std::{fs, io, path::Path, time::Duration};

use async_nats::jetstream::stream::{DiscardPolicy, RetentionPolicy};
use tokio::time::timeout;
use tracker_core::{
    JetStreamStore, MemoryStore, Store,
    nats::{NatsError, StreamSettings},
};
use tracker_tests::{
    errors::all_text,
    nats::{NatsCluster, NatsOptions},
};

use crate::support::{LIMIT, Place, Running, activities, ids, small};

#[tokio::test]
async fn setting_up_makes_what_is_missing_and_then_nothing() {
    let place = Place::bare();
    let settings = small();
    let store = place.store();
    let missing: Vec<_> = store.differences(&settings).await.unwrap();
    assert_eq!(missing.len(), 3, "{missing:?}");
    let made = store.set_up(&settings).await.unwrap();
    assert_eq!(
        made,
        [
            "made the stream ACTIVITIES",
            "made the stream ACTIVITIES_DEAD",
            "made the consumer relay"
        ]
    );
    assert_eq!(store.set_up(&settings).await.unwrap(), [""; 0]);
    assert_eq!(store.differences(&settings).await.unwrap(), []);

    let config = place.info("ACTIVITIES").await.config;
    assert_eq!(config.retention, RetentionPolicy::WorkQueue);
    // A full stream refuses new messages. It never drops one that it has acknowledged.
    assert_eq!(config.discard, DiscardPolicy::New);
    assert_eq!(
        (config.max_age, config.max_bytes),
        (Duration::ZERO, 256 << 20)
    );
}

#[tokio::test]
async fn other_settings_are_told_and_changed_only_when_asked_for() {
    let place = Place::new().await;
    let wanted = small()
        .bytes_max(2 << 20)
        .duplicate_window(Duration::from_secs(7))
        .acknowledge_wait(Duration::from_secs(9))
        .unacknowledged_max(77);
    let store = place.store();
    let error = store.set_up(&wanted).await.unwrap_err();
    let NatsError::Different { differences, .. } = &error else {
        panic!("{error:?}");
    };
    let told: Vec<_> = differences.iter().map(|one| one.setting.unwrap()).collect();
    assert_eq!(
        told,
        [
            "max_bytes",
            "duplicate_window",
            "duplicate_window",
            "ack_wait",
            "max_ack_pending"
        ]
    );
    assert_eq!(place.info("ACTIVITIES").await.config.max_bytes, 256 << 20);

    let changed = store.update(&wanted).await.unwrap();
    assert_eq!(changed.len(), 3, "{changed:?}");
    assert_eq!(store.differences(&wanted).await.unwrap(), []);
    assert_eq!(place.info("ACTIVITIES").await.config.max_bytes, 2 << 20);
}

#[tokio::test]
async fn three_replicas_on_one_server_are_refused_with_the_servers_reason() {
    let place = Place::bare();
    let error = place
        .store()
        .set_up(&small().bytes_max(0).dead_letter_bytes_max(0).replicas(3))
        .await
        .unwrap_err();
    let NatsError::Refused { source, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(source.description.contains("replicas"), "{source}");
}

/// A cluster that elects a leader drops requests without an answer.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Migrates, and asks again where no answer came.
async fn migrated(store: &JetStreamStore) -> Vec<String> {
    let migrating = async {
        loop {
            match store.migrate().await {
                Err(error) if all_text(&error).contains("did not answer in time") => {}
                outcome => return outcome.unwrap(),
            }
        }
    };
    timeout(LIMIT, migrating).await.expect("an answer in time")
}

#[tokio::test]
async fn a_store_of_a_cluster_migrates_to_three_replicas_and_any_number_of_times_at_once() {
    // The default sizes need this much room, which is reserved and not used.
    let cluster = NatsCluster::new(&NatsOptions {
        nodes: 3,
        settings: "jetstream { store_dir: jetstream, max_mem: 64MB, max_file: 20GB }".to_owned(),
        ..NatsOptions::default()
    });
    let store = || {
        let builder = JetStreamStore::builder(&cluster.url()).unwrap();
        builder.answer_timeout(ANSWER_MAX).build().unwrap()
    };
    let (one, other) = (store(), store());
    let (first, second) = tokio::join!(migrated(&one), migrated(&other));
    assert!(!first.is_empty() || !second.is_empty());
    assert_eq!(migrated(&one).await, [""; 0]);
    assert_eq!(
        one.differences(&StreamSettings::default()).await.unwrap(),
        []
    );
}

#[tokio::test]
async fn setting_up_has_delivered_what_a_server_forgot_to_remove() {
    let mut place = Place::new().await;
    let rows = activities(0, 20);
    place.store().write(rows.clone().into()).await.unwrap();
    // A server that is killed between two writes leaves this state: the consumer has its acks, and
    // the stream still has the messages.
    let streams = Path::new("jetstream/jetstream/$G/streams");
    let messages = place
        .cluster
        .node(0)
        .directory()
        .join(streams)
        .join("ACTIVITIES/msgs");
    let kept = messages.with_file_name("kept");
    place.cluster.node(0).stop();
    copy(&messages, &kept).unwrap();
    place.cluster.node(0).restart();
    let table = MemoryStore::new();
    let relay = Running::start(place.relay(table.clone()));
    place.emptied().await;
    relay.end().await;
    place.cluster.node(0).stop();
    fs::remove_dir_all(&messages).unwrap();
    fs::rename(&kept, &messages).unwrap();
    place.cluster.node(0).restart();

    let mut stream = place
        .jetstream()
        .await
        .get_stream("ACTIVITIES")
        .await
        .unwrap();
    let consumer = stream.consumer_info("relay").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.messages, 20);
    assert_eq!(
        (consumer.num_pending, consumer.ack_floor.stream_sequence),
        (0, 20)
    );

    let done = place.store().set_up(&small()).await.unwrap();
    assert_eq!(
        done,
        ["made the consumer relay anew, for messages that it had left behind"]
    );
    let relay = Running::start(place.relay(table.clone()));
    place.emptied().await;
    // The relay received all messages, whose rows the table had already.
    assert_eq!(relay.relay.stats().received, 20);
    relay.end().await;
    assert_eq!(ids(&table.activities()), ids(&rows));
    assert_eq!(place.store().set_up(&small()).await.unwrap(), [""; 0]);
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
