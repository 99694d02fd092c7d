//! Dead letters: messages whose activity can't be stored.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tracker_core::{
    Activity, MemoryStore, Store,
    nats::{DeadLetter, DeadLetters},
    store::Batch,
};
use tracker_tests::faulty_store::{Fault, FaultyStore};

use crate::support::{LIMIT, Place, Running, activities, ids, small, until};

/// Returns a store that refuses activities with the details `poison`, until the flag is set.
fn choosy(is_mended: &Arc<AtomicBool>) -> FaultyStore {
    let is_mended = Arc::clone(is_mended);
    FaultyStore::new(move |_, batch: &Batch| {
        let is_poison = |row: &Activity| row.action_details.as_deref() == Some("poison");
        let has_poison = batch.activities().iter().any(is_poison);
        if has_poison && !is_mended.load(Ordering::SeqCst) {
            Fault::Refused
        } else {
            Fault::None
        }
    })
}

async fn letters(place: &Place) -> (DeadLetters, Vec<DeadLetter>) {
    let letters = DeadLetters::open(place.options(), LIMIT).await.unwrap();
    let (mut all, mut number) = (Vec::new(), 0);
    while let Some(letter) = letters.next(number).await.unwrap() {
        number = letter.number + 1;
        all.push(letter);
    }
    assert_eq!(letters.count().await.unwrap(), all.len() as u64);
    (letters, all)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_activity_is_put_aside_with_its_reason_and_can_be_put_back_once_mended() {
    let place = Place::new().await;
    let mut published = activities(0, 300);
    published[7].action_details = Some("poison".to_owned());
    published[200].action_details = Some("poison".to_owned());
    place.store().write(published.clone().into()).await.unwrap();

    let is_mended = Arc::default();
    let store = choosy(&is_mended);
    let relay = Running::start(place.relay(store.clone()));
    place.emptied().await;
    let stats = relay.relay.stats();
    assert_eq!((stats.stored, stats.dead_lettered), (298, 2), "{stats:?}");
    let (dead, all) = letters(&place).await;
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].activity.as_ref(), Some(&published[7]));
    assert_eq!(all[0].subject, "activities.project%2E1");
    assert!(
        all[0]
            .reason
            .contains("refused a row: expected by this test"),
        "{}",
        all[0].reason
    );
    assert!(all[0].died_at.is_some());

    // The store still refuses it, so it becomes another dead letter.
    dead.put_back(&all[0]).await.unwrap();
    until("it comes back", || relay.relay.stats().dead_lettered == 3).await;
    is_mended.store(true, Ordering::SeqCst);
    for letter in letters(&place).await.1 {
        dead.put_back(&letter).await.unwrap();
    }
    until("they are stored", || relay.relay.stats().stored == 300).await;
    relay.end().await;
    assert_eq!(letters(&place).await.1, []);
    assert_eq!(ids(&store.memory().activities()), ids(&published));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_no_activity_is_put_aside_as_it_is() {
    let place = Place::new().await;
    let jetstream = place.jetstream().await;
    for payload in ["no JSON", "{\"action_id\": \"\"}", ""] {
        let sent = jetstream.publish("activities.p", payload.into()).await;
        sent.unwrap().await.unwrap();
    }
    place.store().write(activities(0, 5).into()).await.unwrap();
    let store = MemoryStore::new();
    let relay = Running::start(place.relay(store.clone()));
    place.emptied().await;
    relay.end().await;
    assert_eq!(store.activities().len(), 5);
    let (dead, all) = letters(&place).await;
    let told: Vec<_> = all
        .iter()
        .map(|letter| (&*letter.payload, &*letter.subject))
        .collect();
    assert_eq!(
        told,
        [
            (&b"no JSON"[..], "activities.p"),
            (b"{\"action_id\": \"\"}", "activities.p"),
            (b"", "activities.p")
        ]
    );
    assert!(all[0].activity.is_none());
    assert!(
        all[0].reason.contains("not the JSON object"),
        "{}",
        all[0].reason
    );
    for letter in &all {
        dead.remove(letter.number).await.unwrap();
        // Removing a dead letter that is gone already is no error.
        dead.remove(letter.number).await.unwrap();
    }
    assert_eq!(dead.count().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_put_aside_stays_in_the_stream() {
    let place = Place::with(small().acknowledge_wait(Duration::from_secs(1))).await;
    let jetstream = place.jetstream().await;
    jetstream.delete_stream("ACTIVITIES_DEAD").await.unwrap();
    let mut published = activities(0, 3);
    published[1].action_details = Some("poison".to_owned());
    place.store().write(published.clone().into()).await.unwrap();
    let is_mended = Arc::default();
    let store = choosy(&is_mended);
    let relay = Running::start(place.relay(store.clone()));
    until("it is given back", || {
        let stats = relay.relay.stats();
        stats.given_back > 0 && stats.stored == 2
    })
    .await;
    assert_eq!(place.messages("ACTIVITIES").await, 1);
    relay.end().await;
}
