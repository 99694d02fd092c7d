//! Servers, streams and users with unexpected settings or rights.

use std::time::Duration;

use async_nats::jetstream::stream::Config;
use tracker_core::{
    ActionType, Activity, JetStreamStore, MemoryStore, Store, StoreError, Tracker,
    nats::{NatsError, NatsOptions, Relay, StreamSettings},
};
use tracker_tests::nats::{NatsCluster, NatsOptions as ClusterOptions};

use crate::support::{LIMIT, Place, Running, activities, ids, small};

/// Starts a server on which the user `admin` may do everything, `worker` may publish, and `relay`
/// may relay.
fn guarded() -> NatsCluster {
    NatsCluster::new(&ClusterOptions {
        settings: r#"authorization {
            users = [
                { user: admin, password: secret }
                { user: worker, password: secret, permissions: {
                    publish: "activities.*", subscribe: "_INBOX.>" } }
                { user: relay, password: secret, permissions: {
                    publish: [
                        "$JS.API.CONSUMER.INFO.ACTIVITIES.relay", "$JS.API.CONSUMER.MSG.NEXT.ACTIVITIES.relay",
                        "$JS.ACK.ACTIVITIES.relay.>", "activities_dead.*"
                    ], subscribe: "_INBOX.>" } }
                { user: nobody, password: secret, permissions: { publish: "elsewhere", subscribe: "_INBOX.>" } }
            ]
        }"#
        .to_owned(),
        ..ClusterOptions::default()
    })
}

fn url_of(cluster: &NatsCluster, user: &str) -> String {
    cluster
        .url()
        .replace("nats://", &format!("nats://{user}:secret@"))
}

fn store_of(url: &str) -> JetStreamStore {
    let builder = JetStreamStore::builder(url).unwrap();
    builder
        .answer_timeout(Duration::from_secs(5))
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_permissions_are_enough_to_publish_and_to_relay() {
    let cluster = guarded();
    let admin = store_of(&url_of(&cluster, "admin"));
    admin.set_up(&small()).await.unwrap();

    let worker = store_of(&url_of(&cluster, "worker"));
    worker.check().await.unwrap();
    let mut published = activities(0, 20);
    worker.write(published.clone().into()).await.unwrap();
    let denied = worker.set_up(&StreamSettings::default()).await.unwrap_err();
    assert!(matches!(denied, NatsError::Denied { .. }), "{denied:?}");

    let store = MemoryStore::new();
    let options = NatsOptions::parse(&url_of(&cluster, "relay")).unwrap();
    let relay = Running::start(Relay::builder(options, store.clone()));
    crate::support::until("they are relayed", || store.activities().len() == 20).await;
    // The relay may publish dead letters, too.
    let client =
        async_nats::ConnectOptions::with_user_and_password("admin".to_owned(), "secret".to_owned())
            .connect(cluster.url())
            .await
            .unwrap();
    client
        .publish("activities.x", "no activity".into())
        .await
        .unwrap();
    crate::support::until("it is put aside", || relay.relay.stats().dead_lettered == 1).await;
    relay.end().await;
    published.sort_by(|a, b| a.action_id.cmp(&b.action_id));
    assert_eq!(ids(&store.activities()), ids(&published));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_not_publish_is_told_so_at_once_with_the_subject() {
    let cluster = guarded();
    let admin = store_of(&url_of(&cluster, "admin"));
    admin.set_up(&small()).await.unwrap();
    let nobody = store_of(&url_of(&cluster, "nobody"));
    for error in [
        nobody.write(activities(0, 1).into()).await.unwrap_err(),
        nobody.check().await.unwrap_err(),
    ] {
        let StoreError::Denied { source, .. } = &error else {
            panic!("{error:?}");
        };
        assert!(source.to_string().contains("activities."), "{source}");
        assert!(error.is_transient(), "an operator can mend it");
    }
}

#[tokio::test]
async fn a_wrong_password_is_denied_and_nowhere_in_the_error() {
    let cluster = guarded();
    let url = cluster.url().replace("nats://", "nats://worker:mistyped@");
    let error = store_of(&url)
        .write(activities(0, 1).into())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("mistyped"));
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let mut place = Place::bare();
    place.cluster.node(0).kill();
    let error = place
        .store()
        .write(activities(0, 1).into())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_wait_for_a_stream_that_is_missing() {
    let place = Place::bare();
    let error = place
        .store()
        .write(activities(0, 1).into())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::NoStream { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("ACTIVITIES") && text.contains("tracker nats setup"),
        "{text}"
    );
    assert!(matches!(
        place.store().check().await.unwrap_err(),
        StoreError::NoStream { .. }
    ));

    let tracker = Tracker::builder()
        .store(place.store())
        .retry_delays(Duration::from_millis(10), Duration::from_millis(20))
        .build()
        .unwrap();
    for activity in activities(0, 50) {
        tracker.record(activity);
    }
    place.store().set_up(&small()).await.unwrap();
    tokio::time::timeout(LIMIT, tracker.flush())
        .await
        .expect("they are delivered");
    assert_eq!(place.messages("ACTIVITIES").await, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_wait_for_room_in_a_stream_that_is_too_small() {
    let place = Place::with(small().bytes_max(1 << 20)).await;
    let recorded: Vec<_> = (0..6_000)
        .map(|number| {
            Activity::new(ActionType::Deployment)
                .project_id("p")
                .details(format!("{number:0400}"))
        })
        .collect();
    let error = place
        .store()
        .write(recorded.clone().into())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::NoRoom { .. }), "{error:?}");
    assert!(error.is_transient());

    let tracker = Tracker::builder()
        .store(place.store())
        .batch_rows(500)
        .retry_delays(Duration::from_millis(10), Duration::from_millis(20))
        .build()
        .unwrap();
    for activity in &recorded {
        tracker.record(activity.clone());
    }
    let store = MemoryStore::new();
    let relay = Running::start(place.relay(store.clone()));
    tokio::time::timeout(LIMIT, tracker.flush())
        .await
        .expect("they are delivered");
    place.emptied().await;
    relay.end().await;
    assert_eq!(tracker.stats().dropped.total(), 0);
    assert_eq!(ids(&store.activities()), ids(&recorded));
}

#[tokio::test]
async fn a_subject_that_another_stream_takes_is_not_taken_for_stored() {
    let place = Place::bare();
    let jetstream = place.jetstream().await;
    let other = Config {
        name: "OTHER".to_owned(),
        subjects: vec!["activities.>".to_owned()],
        ..Config::default()
    };
    jetstream.create_stream(other).await.unwrap();
    let error = place
        .store()
        .write(activities(0, 1).into())
        .await
        .unwrap_err();
    let StoreError::NoStream { source, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(source.to_string().contains("OTHER"), "{source}");
}

#[tokio::test]
async fn an_activity_that_is_too_large_for_the_server_is_refused_alone() {
    let cluster = NatsCluster::new(&ClusterOptions {
        settings: "max_payload: 2KB".to_owned(),
        ..ClusterOptions::default()
    });
    let store = store_of(&cluster.url());
    store.set_up(&small()).await.unwrap();
    let large = Activity::new(ActionType::Deployment).details("x".repeat(3_000));
    let error = store.write(vec![large].into()).await.unwrap_err();
    assert!(matches!(error, StoreError::Refused { .. }), "{error:?}");
    store.write(activities(0, 1).into()).await.unwrap();
}

#[tokio::test]
async fn a_relay_without_a_stream_or_a_consumer_does_not_begin() {
    let place = Place::bare();
    let relay = place.relay(MemoryStore::new()).build();
    let error = relay.run(std::future::pending()).await.unwrap_err();
    assert!(matches!(error, NatsError::NoStream { .. }), "{error:?}");

    place.store().set_up(&small()).await.unwrap();
    let jetstream = place.jetstream().await;
    let stream = jetstream.get_stream("ACTIVITIES").await.unwrap();
    stream.delete_consumer("relay").await.unwrap();
    let error = relay.run(std::future::pending()).await.unwrap_err();
    assert!(matches!(error, NatsError::NoConsumer { .. }), "{error:?}");
    assert!(error.to_string().contains("tracker nats setup"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_consumer_is_removed_goes_on_when_it_is_made_again() {
    let place = Place::new().await;
    let store = MemoryStore::new();
    let relay = Running::start(place.relay(store.clone()));
    place.store().write(activities(0, 10).into()).await.unwrap();
    place.emptied().await;
    let jetstream = place.jetstream().await;
    let stream = jetstream.get_stream("ACTIVITIES").await.unwrap();
    stream.delete_consumer("relay").await.unwrap();
    place
        .store()
        .write(activities(10, 10).into())
        .await
        .unwrap();
    place.store().set_up(&small()).await.unwrap();
    place.emptied().await;
    relay.end().await;
    assert_eq!(store.activities().len(), 20);
}

#[tokio::test]
async fn a_server_without_jetstream_is_told_apart() {
    let cluster = NatsCluster::new(&ClusterOptions {
        settings: "accounts { A { users: [ { user: worker, password: secret } ] } }".to_owned(),
        ..ClusterOptions::default()
    });
    let store = store_of(&url_of(&cluster, "worker"));
    let error = store.set_up(&small()).await.unwrap_err();
    assert!(matches!(error, NatsError::NoJetStream { .. }), "{error:?}");
}
