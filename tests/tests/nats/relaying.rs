//! Relays that move activities to their store.

use std::time::Duration;

use tracker_core::{MemoryStore, Store};
use tracker_tests::faulty_store::{Fault, FaultyStore};

use crate::support::{Place, Running, activities, ids, small, until};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_stream_gets_into_the_store_once_and_out_of_the_stream() {
    let place = Place::new().await;
    let published = activities(0, 10_000);
    let (before, after) = published.split_at(5_000);
    place.store().write(before.to_vec().into()).await.unwrap();
    let store = MemoryStore::new();
    let relay = Running::start(place.relay(store.clone()).batch_rows(700));
    place.store().write(after.to_vec().into()).await.unwrap();
    place.emptied().await;
    let stats = relay.relay.stats();
    assert_eq!(
        (stats.stored, stats.dead_lettered),
        (10_000, 0),
        "{stats:?}"
    );
    relay.end().await;
    assert_eq!(ids(&store.activities()), ids(&published));
    let mut rows = store.activities();
    rows.sort_by(|a, b| a.action_id.cmp(&b.action_id));
    let mut published = published;
    published.sort_by(|a, b| a.action_id.cmp(&b.action_id));
    assert_eq!(rows, published);
}

#[tokio::test(flavor = "multi_thread")]
async fn relays_share_a_stream() {
    let place = Place::new().await;
    let store = MemoryStore::new();
    let relays: Vec<_> = (0..3)
        .map(|_| Running::start(place.relay(store.clone()).batch_rows(50)))
        .collect();
    let published = activities(0, 6_000);
    for batch in published.chunks(500) {
        place.store().write(batch.to_vec().into()).await.unwrap();
    }
    place.emptied().await;
    let stored: Vec<_> = relays
        .iter()
        .map(|relay| relay.relay.stats().stored)
        .collect();
    assert_eq!(stored.iter().sum::<u64>(), 6_000, "{stored:?}");
    assert!(stored.iter().all(|stored| *stored > 0), "{stored:?}");
    for relay in relays {
        relay.end().await;
    }
    assert_eq!(ids(&store.activities()), ids(&published));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_relay_had_another_brings_to_the_store() {
    let place = Place::with(small().acknowledge_wait(Duration::from_secs(1))).await;
    let published = activities(0, 1_000);
    place.store().write(published.clone().into()).await.unwrap();

    // The relay receives all of them and writes none.
    let hanging = FaultyStore::new(|_, _| Fault::Hangs);
    let killed = Running::start(place.relay(hanging.clone()).batch_rows(500));
    until("it has them", || hanging.writes() == 2).await;
    killed.abort();

    let store = MemoryStore::new();
    let relay = Running::start(place.relay(store.clone()));
    place.emptied().await;
    assert!(relay.relay.stats().redelivered > 0);
    relay.end().await;
    assert_eq!(ids(&store.activities()), ids(&published));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_stored_and_not_acknowledged_is_stored_once() {
    let place = Place::with(small().acknowledge_wait(Duration::from_secs(1))).await;
    let published = activities(0, 200);
    place.store().write(published.clone().into()).await.unwrap();
    // The rows are written, and the relay is killed before it learns of it.
    let lost = FaultyStore::new(|_, _| Fault::AnswerLost);
    let killed = Running::start(place.relay(lost.clone()));
    until("they are written", || {
        lost.memory().activities().len() == 200
    })
    .await;
    lost.go_away();
    killed.abort();

    let relay = Running::start(place.relay(lost.memory().clone()));
    place.emptied().await;
    relay.end().await;
    assert_eq!(ids(&lost.memory().activities()), ids(&published));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_store_is_away_holds_what_it_has_and_takes_no_more() {
    let place = Place::with(small().acknowledge_wait(Duration::from_secs(1))).await;
    let store = FaultyStore::new(|_, _| Fault::None);
    store.go_away();
    let relay = Running::start(place.relay(store.clone()).batch_rows(100));
    let published = activities(0, 2_000);
    place.store().write(published.clone().into()).await.unwrap();
    // Three times the ack wait.
    let began = tokio::time::Instant::now();
    until("it asks for the store", || {
        store.checks() >= 3 && began.elapsed() > Duration::from_secs(3)
    })
    .await;
    let stats = relay.relay.stats();
    assert_eq!(stats.stored, 0);
    assert!((1..=200).contains(&stats.received), "{stats:?}");
    assert_eq!(stats.redelivered, 0, "{stats:?}");
    assert_eq!(place.messages("ACTIVITIES").await, 2_000);

    store.come_back();
    place.emptied().await;
    // The messages that the relay had requested ahead were not redelivered either.
    assert_eq!(relay.relay.stats().redelivered, 0);
    relay.end().await;
    assert_eq!(ids(&store.memory().activities()), ids(&published));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_ends_finishes_what_it_has() {
    let place = Place::new().await;
    let published = activities(0, 400);
    place.store().write(published.clone().into()).await.unwrap();
    let store = FaultyStore::new(|_, _| Fault::None);
    store.go_away();
    let relay = Running::start(place.relay(store.clone()).batch_rows(200));
    until("it has some", || store.writes() > 0).await;
    let stats = {
        let relay_handle = std::sync::Arc::clone(&relay.relay);
        let ending = tokio::spawn(relay.end());
        store.come_back();
        ending.await.unwrap();
        relay_handle.stats()
    };
    // The relay naks the messages that it had requested ahead.
    assert_eq!(stats.stored + stats.given_back, stats.received, "{stats:?}");
    assert!(stats.stored > 0, "{stats:?}");
    let next = Running::start(place.relay(store.clone()));
    place.emptied().await;
    next.end().await;
    assert_eq!(ids(&store.memory().activities()), ids(&published));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_can_not_finish_gives_back_at_its_deadline_and_another_has_it_at_once() {
    // Far longer than the test may take.
    let wait = Duration::from_mins(10);
    let place = Place::with(small().acknowledge_wait(wait)).await;
    let published = activities(0, 500);
    place.store().write(published.clone().into()).await.unwrap();
    let hanging = FaultyStore::new(|_, _| Fault::Hangs);
    let builder = place
        .relay(hanging.clone())
        .end_deadline(Duration::from_millis(50));
    let relay = Running::start(builder);
    until("it has some", || hanging.writes() > 0).await;
    relay.end().await;

    let store = MemoryStore::new();
    let next = Running::start(place.relay(store.clone()));
    place.emptied().await;
    next.end().await;
    assert_eq!(ids(&store.activities()), ids(&published));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_goes_on_after_the_server_was_away() {
    let mut place = Place::with(small().acknowledge_wait(Duration::from_secs(1))).await;
    let store = MemoryStore::new();
    let relay = Running::start(place.relay(store.clone()));
    let published = activities(0, 2_000);
    place
        .store()
        .write(published[..1_000].to_vec().into())
        .await
        .unwrap();
    place.cluster.node(0).stop();
    place.cluster.node(0).restart();
    place
        .store()
        .write(published[1_000..].to_vec().into())
        .await
        .unwrap();
    place.emptied().await;
    relay.end().await;
    assert_eq!(ids(&store.activities()), ids(&published));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_whose_clocks_are_apart_by_minutes_are_relayed_as_they_are() {
    let place = Place::new().await;
    let mut published = activities(0, 3);
    for (activity, minutes) in published.iter_mut().zip([-10_i64, 0, 10]) {
        activity.created_at = activity.created_at.map(|at| at + minutes * 60_000);
    }
    // Every row is published again, as by a worker whose clock was set back.
    let store = MemoryStore::new();
    let relay = Running::start(place.relay(store.clone()));
    place.store().write(published.clone().into()).await.unwrap();
    place.store().write(published.clone().into()).await.unwrap();
    place.emptied().await;
    relay.end().await;
    let mut rows = store.activities();
    rows.sort_by_key(|row| row.created_at);
    assert_eq!(rows, published);
    store.check().await.unwrap();
}
