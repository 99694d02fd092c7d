use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::{ActionType, Activity};

fn activity() -> Record<'static> {
    Record::Activity(Box::new(Activity::new(ActionType::Deployment)))
}

fn queue(capacity: usize, batch_rows: usize) -> Queue {
    Queue::new(capacity, batch_rows, Duration::from_millis(100))
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_is_taken_at_once() {
    let queue = queue(10, 2);
    queue.push(activity());
    queue.push(activity());
    let started = Instant::now();
    assert_eq!(queue.next_batch(&ContextV7::new()).await.unwrap().len(), 2);
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_few_long_texts_is_taken_at_once() {
    let queue = queue(10_000, 10_000);
    let long = "x".repeat(1_000);
    let started = Instant::now();
    for _ in 0..3_000 {
        let activity = Activity::new(ActionType::Deployment).details(long.clone());
        queue.push(Record::Activity(Box::new(activity)));
    }
    let taken = queue.next_batch(&ContextV7::new()).await.unwrap().len();
    assert!((1_500..2_500).contains(&taken), "{taken}");
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_not_full_is_taken_at_its_age() {
    let queue = queue(10, 5);
    queue.push(activity());
    let started = Instant::now();
    assert_eq!(queue.next_batch(&ContextV7::new()).await.unwrap().len(), 1);
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn a_push_wakes_an_idle_writer() {
    let (queue, ids) = (queue(10, 5), ContextV7::new());
    let taken = queue.next_batch(&ids);
    futures_util::pin_mut!(taken);
    assert!(taken.as_mut().now_or_never().is_none());
    queue.push(activity());
    assert_eq!(taken.await.unwrap().len(), 1);
}

#[test]
fn a_push_over_the_capacity_is_dropped_and_counted() {
    let queue = queue(2, 10);
    assert_eq!(queue.push(activity()), PushOutcome::Accepted { nth: 1 });
    assert_eq!(queue.push(activity()), PushOutcome::Accepted { nth: 2 });
    assert_eq!(queue.push(activity()), PushOutcome::Full { nth: 1 });
    assert_eq!(queue.push(activity()), PushOutcome::Full { nth: 2 });
    assert_eq!(queue.stats().dropped.queue_full, 2);
}

#[tokio::test]
async fn what_was_queued_before_closing_can_still_be_taken() {
    let queue = queue(10, 10);
    queue.push(activity());
    queue.close();
    assert_eq!(queue.push(activity()), PushOutcome::Closed { nth: 1 });
    assert_eq!(queue.next_batch(&ContextV7::new()).await.unwrap().len(), 1);
    assert!(queue.next_batch(&ContextV7::new()).await.is_none());
}

#[tokio::test]
async fn waiting_is_for_what_was_accepted_before_and_not_for_more() {
    let queue = queue(10, 10);
    queue.push(activity());
    let flushed = queue.all_passed();
    futures_util::pin_mut!(flushed);
    assert!(flushed.as_mut().now_or_never().is_none());
    queue.push(activity());
    assert_eq!(queue.next_batch(&ContextV7::new()).await.unwrap().len(), 1);
    queue.settle(1, Held::Queued, Outcome::Stored);
    queue.pass(1);
    flushed.await;
    assert_eq!(queue.stats().queued, 1);
}

#[tokio::test]
async fn what_arrives_after_giving_up_is_not_lost_any_more_and_not_counted_twice() {
    let queue = queue(10, 10);
    queue.push(activity());
    queue.push(activity());
    queue.close();
    let batch = queue.next_batch(&ContextV7::new()).await.unwrap();
    assert_eq!(queue.abandon("a test"), 2);
    assert_eq!(
        queue.settle(batch.len() as u64, Held::Queued, Outcome::Stored),
        2
    );
    let stats = queue.stats();
    assert_eq!(
        (stats.stored, stats.queued, stats.dropped.shutdown_deadline),
        (2, 0, 0)
    );
    queue.all_passed().await;
}

#[tokio::test(start_paused = true)]
async fn one_that_is_waited_for_does_not_wait_for_its_age() {
    let queue = queue(10, 5);
    let PushOutcome::Accepted { nth } = queue.push(activity()) else {
        panic!("there is room");
    };
    let started = Instant::now();
    let written = async {
        assert_eq!(queue.next_batch(&ContextV7::new()).await.unwrap().len(), 1);
        queue.pass(1);
    };
    tokio::join!(queue.nth_passed(nth), written);
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[derive(Clone, Debug)]
enum Step {
    Push,
    OnClient(bool),
    Take(u8),
    Close,
    Abandon,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => Just(Step::Push),
        1 => any::<bool>().prop_map(Step::OnClient),
        4 => any::<u8>().prop_map(Step::Take),
        1 => Just(Step::Close),
        1 => Just(Step::Abandon),
    ]
}

proptest! {
    #[test]
    fn the_account_balances_after_every_step(
        steps in prop::collection::vec(step(), 0..200),
        capacity in 1usize..20,
        batch_rows in 1usize..8,
    ) {
        let queue = queue(capacity, batch_rows);
        let mut given = 0;
        for step in steps {
            match step {
                Step::Push => {
                    queue.push(activity());
                    given += 1;
                }
                Step::OnClient(stored) => {
                    queue.count_on_client(stored);
                    given += 1;
                }
                Step::Take(outcome) => {
                    queue.state().seal();
                    if let Some(Some(batch)) = queue.next_batch(&ContextV7::new()).now_or_never() {
                        prop_assert!((1..=batch_rows).contains(&batch.len()));
                        let outcome = [Outcome::Stored, Outcome::StoreFailed, Outcome::Refused]
                            [usize::from(outcome % 3)];
                        queue.settle(batch.len() as u64, Held::Queued, outcome);
                        queue.pass(batch.len() as u64);
                    }
                }
                Step::Close => queue.close(),
                Step::Abandon => {
                    queue.abandon("a test");
                }
            }
            let stats = queue.stats();
            prop_assert_eq!(stats.recorded, given);
            prop_assert_eq!(stats.recorded, stats.stored + stats.queued + stats.dropped.total());
            prop_assert!(stats.queued <= capacity as u64);
            prop_assert_eq!(*queue.passed.borrow(), queue.state().accepted - stats.queued);
        }
    }
}
