use std::{sync::atomic::AtomicU64, thread};

use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::{
    ActionType, Activity,
    pipeline::{
        push_outcome::{PushOutcome, Refusal},
        record::Record,
    },
};

const ACCEPTED: PushOutcome = PushOutcome::Accepted { nth: None };

fn refused(refusal: Refusal, nth: u64) -> PushOutcome {
    PushOutcome::Refused { refusal, nth }
}

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
    assert_eq!(
        queue.next_batch(&ActionIds::default()).await.unwrap().len(),
        2
    );
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
    let taken = queue.next_batch(&ActionIds::default()).await.unwrap().len();
    assert!((1_500..2_500).contains(&taken), "{taken}");
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_is_not_full_is_taken_at_its_age() {
    let queue = queue(10, 5);
    queue.push(activity());
    let started = Instant::now();
    assert_eq!(
        queue.next_batch(&ActionIds::default()).await.unwrap().len(),
        1
    );
    assert!(started.elapsed() >= Duration::from_millis(100));
}

#[tokio::test(start_paused = true)]
async fn a_push_wakes_an_idle_writer() {
    let (queue, ids) = (queue(10, 5), ActionIds::default());
    let taken = queue.next_batch(&ids);
    futures_util::pin_mut!(taken);
    assert!(taken.as_mut().now_or_never().is_none());
    queue.push(activity());
    assert_eq!(taken.await.unwrap().len(), 1);
}

#[test]
fn a_push_over_the_capacity_is_dropped_and_counted() {
    let queue = queue(2, 10);
    assert_eq!(queue.push(activity()), ACCEPTED);
    assert_eq!(queue.push(activity()), ACCEPTED);
    assert_eq!(queue.push(activity()), refused(Refusal::Full, 1));
    assert_eq!(queue.push(activity()), refused(Refusal::Full, 2));
    assert_eq!(queue.stats().dropped.queue_full, 2);
}

#[tokio::test]
async fn what_was_queued_before_closing_can_still_be_taken() {
    let queue = queue(10, 10);
    queue.push(activity());
    queue.close();
    assert_eq!(queue.push(activity()), refused(Refusal::Closed, 1));
    assert_eq!(
        queue.next_batch(&ActionIds::default()).await.unwrap().len(),
        1
    );
    assert!(queue.next_batch(&ActionIds::default()).await.is_none());
}

#[tokio::test]
async fn waiting_is_for_what_was_accepted_before_and_not_for_more() {
    let queue = queue(10, 10);
    queue.push(activity());
    let flushed = queue.all_passed();
    futures_util::pin_mut!(flushed);
    assert!(flushed.as_mut().now_or_never().is_none());
    queue.push(activity());
    assert_eq!(
        queue.next_batch(&ActionIds::default()).await.unwrap().len(),
        1
    );
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
    let batch = queue.next_batch(&ActionIds::default()).await.unwrap();
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
    let Ok(PushOutcome::Accepted { nth: Some(nth) }) = queue.try_push(activity(), true) else {
        panic!("there is room");
    };
    let started = Instant::now();
    let written = async {
        assert_eq!(
            queue.next_batch(&ActionIds::default()).await.unwrap().len(),
            1
        );
        queue.pass(1);
    };
    tokio::join!(queue.wait_passed(nth), written);
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
                    queue.hand_over_all();
                    if let Some(Some(batch)) = queue.next_batch(&ActionIds::default()).now_or_never() {
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
            let in_lanes: usize = queue.lanes.each().map(|lane| lane.filling.len()).sum();
            let accepted = queue.state().accepted + in_lanes as u64;
            prop_assert_eq!(queue.passed.count(), accepted - stats.queued);
        }
    }
}

#[test]
fn threads_share_the_room_to_the_last_activity() {
    const CAPACITY: usize = 1_000;
    let queue = queue(CAPACITY, 300);
    let accepted = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..CAPACITY {
                    if queue.push(activity()) == ACCEPTED {
                        accepted.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    assert_eq!(accepted.into_inner(), CAPACITY as u64);
    let stats = queue.stats();
    assert_eq!(stats.queued, CAPACITY as u64);
    assert_eq!(stats.dropped.queue_full, 7 * CAPACITY as u64);

    // There is room for as many as leave, whichever thread comes.
    queue.settle(10, Held::Queued, Outcome::Stored);
    let thread = thread::scope(|scope| {
        let pushed = || {
            (0..20)
                .filter(|_| queue.push(activity()) == ACCEPTED)
                .count()
        };
        scope.spawn(pushed).join().unwrap()
    });
    assert_eq!(thread, 10);
}

#[test]
fn the_account_balances_at_each_instant_while_threads_record_and_the_writer_takes() {
    const THREADS: u64 = 8;
    const EACH: u64 = 20_000;
    let queue = Queue::new(2_000, 100, Duration::from_millis(1));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap();
            runtime.block_on(async {
                let mut taken = 0;
                while let Some(batch) = queue.next_batch(&ActionIds::default()).await {
                    assert!((1..=100).contains(&batch.len()));
                    let rows = batch.len() as u64;
                    taken += rows;
                    queue.settle(rows, Held::Queued, Outcome::Stored);
                    queue.pass(rows);
                }
                taken
            })
        });
        let observer = scope.spawn(|| {
            let mut last = 0;
            while !is_over.load(Ordering::Relaxed) {
                let stats = queue.stats();
                let places = stats.stored + stats.queued + stats.dropped.total();
                assert_eq!(stats.recorded, places);
                assert!(stats.queued <= 2_000);
                assert!(stats.recorded >= last);
                last = stats.recorded;
            }
        });
        let recorders: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    for _ in 0..EACH {
                        queue.push(activity());
                    }
                })
            })
            .collect();
        for recorder in recorders {
            recorder.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        observer.join().unwrap();
        queue.close();
        let taken = writer.join().unwrap();
        let stats = queue.stats();
        assert_eq!(stats.recorded, THREADS * EACH);
        assert_eq!(stats.stored, taken);
        assert_eq!(stats.stored + stats.dropped.queue_full, stats.recorded);
    });
}

#[tokio::test(start_paused = true)]
async fn lanes_that_have_half_of_the_room_are_emptied_before_their_age() {
    let queue = queue(200, 1_000);
    let started = Instant::now();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..60).for_each(|_| assert_eq!(queue.push(activity()), ACCEPTED)));
        }
    });
    let taken = queue.next_batch(&ActionIds::default()).await.unwrap().len();
    assert_eq!(taken, 120);
    assert_eq!(started.elapsed(), Duration::ZERO);
}
