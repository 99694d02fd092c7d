//! A tracked future is polled as often as the plain one, and does nothing before its first poll.

use std::{
    future::{Future, pending},
    pin::Pin,
};

use crate::support::{log, polled, tick};

twins! {
    #[tracked(action = "deployment", details = "{ticks}")]
    pub(super) async fn ticks(ticks: u8) -> u8 {
        log("started");
        for _ in 0..ticks {
            tick().await;
            log("resumed");
        }
        ticks
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn nested(depth: u8) -> u8 {
        ticks(depth).await + ticks(depth).await
    }

    #[tracked(action = "deployment", user = named(), details("{}", named()))]
    pub(super) async fn values_are_read_at_the_first_poll() {
        log(named());
        tick().await;
    }

    #[tracked(action = "deployment")]
    pub(super) async fn never_ready(user_id: &str) -> usize {
        pending::<()>().await;
        user_id.len()
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn boxed(count: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
        log("called");
        Box::pin(async move {
            log("body");
            ticks(count).await
        })
    }
}

const fn named() -> &'static str {
    "read"
}

#[test]
fn a_future_is_polled_as_often_as_the_plain_one() {
    for count in [0, 1, 5] {
        let rows = compare!(twin => twin::ticks(count).await);
        assert_eq!(rows, [format!("deployment: {count}")]);
    }
    let rows = compare!(twin => twin::nested(2).await);
    assert_eq!(rows, ["deployment: 2", "deployment: 2", "deployment: 4"]);
    let rows = compare!(twin => twin::boxed(2).await);
    assert_eq!(rows, ["deployment: 2", "deployment: 2"]);
}

#[test]
fn a_future_that_is_not_polled_does_nothing() {
    let rows = compare!(twin => {
        drop(twin::ticks(1));
        drop(twin::boxed(1));
        log("dropped");
    });
    assert_eq!(rows, [""; 0]);
}

#[test]
fn a_future_that_is_dropped_half_way_is_not_recorded() {
    let rows =
        compare!(twin => (polled(1, twin::ticks(1)), polled(9, twin::never_ready("user_1"))));
    assert_eq!(rows, [""; 0]);
    let rows = compare!(twin => polled(2, twin::ticks(1)));
    assert_eq!(rows, ["deployment: 1"]);
}

#[test]
fn values_that_are_called_for_are_read_once() {
    let rows = compare!(twin => twin::values_are_read_at_the_first_poll().await);
    assert_eq!(rows, ["deployment by read: read"]);
}
