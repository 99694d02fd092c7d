//! Rows that the store does not take yet.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tracker_core::{Activity, Store, nats::DeadLetters, store::Batch};
use tracker_tests::faulty_store::{Fault, FaultyStore};

use crate::support::{LIMIT, Place, Running, activities, ids, small, until};

/// The stream's ack wait in these tests.
const WAIT: Duration = Duration::from_secs(1);

/// Returns a store that lacks the reference of one activity, until the flag is set.
fn lacking(has_it: &Arc<AtomicBool>) -> FaultyStore {
    let has_it = Arc::clone(has_it);
    FaultyStore::new(move |_, batch: &Batch| {
        let refers = |row: &Activity| row.action_details.as_deref() == Some("7");
        let is_missing = batch.activities().iter().any(refers) && !has_it.load(Ordering::SeqCst);
        if is_missing {
            Fault::MissingReference
        } else {
            Fault::None
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_row_waits_is_held_and_holds_up_no_others() {
    let place = Place::with(small().acknowledge_wait(WAIT)).await;
    let published = activities(0, 100);
    place.store().write(published.clone().into()).await.unwrap();
    let has_it = Arc::default();
    let store = lacking(&has_it);
    let relay = Running::start(place.relay(store.clone()).batch_rows(50));
    until("the others are stored", || relay.relay.stats().stored == 99).await;
    // Longer than the ack wait, after which the stream redelivers messages whose deadline nobody
    // extends.
    let later = tokio::time::Instant::now() + 3 * WAIT;
    let writes = store.writes();
    until("it is tried again", || {
        store.writes() > writes && tokio::time::Instant::now() > later
    })
    .await;
    let stats = relay.relay.stats();
    assert_eq!(
        (stats.redelivered, stats.dead_lettered),
        (0, 0),
        "{stats:?}"
    );
    assert_eq!(place.messages("ACTIVITIES").await, 1);

    let more = activities(100, 20);
    place.store().write(more.clone().into()).await.unwrap();
    until("later ones are stored", || {
        relay.relay.stats().stored == 119
    })
    .await;
    has_it.store(true, Ordering::SeqCst);
    place.emptied().await;
    let stats = relay.relay.stats();
    assert_eq!((stats.stored, stats.redelivered), (120, 0), "{stats:?}");
    let all: Vec<_> = published.into_iter().chain(more).collect();
    assert_eq!(ids(&store.memory().activities()), ids(&all));
    relay.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn such_a_message_is_given_back_at_the_end_and_put_aside_when_its_time_is_over() {
    let place = Place::new().await;
    place.store().write(activities(0, 10).into()).await.unwrap();
    let store = lacking(&Arc::default());
    let builder = place.relay(store.clone()).end_deadline(Duration::ZERO);
    let relay = Running::start(builder);
    until("the others are stored", || relay.relay.stats().stored == 9).await;
    let counts = Arc::clone(&relay.relay);
    relay.end().await;
    assert_eq!(counts.stats().given_back, 1);
    assert_eq!(place.messages("ACTIVITIES").await, 1);

    let builder = place.relay(store.clone());
    let relay = Running::start(builder.missing_reference_wait(Duration::from_millis(300)));
    place.emptied().await;
    let stats = relay.relay.stats();
    assert_eq!((stats.stored, stats.dead_lettered), (0, 1), "{stats:?}");
    let letters = DeadLetters::open(place.options(), LIMIT).await.unwrap();
    let letter = letters.next(0).await.unwrap().unwrap();
    assert!(letter.reason.contains("refers to one"), "{}", letter.reason);
    relay.end().await;
}
