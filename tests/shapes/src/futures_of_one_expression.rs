//! Functions that return a future whose block holds one expression. No lint may report its braces
//! as needless.

use std::{future::Future, pin::Pin};

use crate::support::tick;

twins! {
    async fn work(count: u8) -> u8 {
        tick().await;
        count
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn boxed(count: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
        Box::pin(async move { work(count).await })
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn boxed_value(count: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
        Box::pin(async move { count })
    }

    #[tracked(action = "deployment", details = "{output}")]
    #[allow(clippy::manual_async_fn)]
    pub(super) fn opaque(count: u8) -> impl Future<Output = u8> + Send {
        async move { work(count).await }
    }

    #[tracked(action = "deployment")]
    pub(super) fn boxed_nothing() -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async {})
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn asynchronous(count: u8) -> u8 {
        work(count).await
    }

    #[tracked(action = "deployment", details = "{count}")]
    pub(super) fn synchronous(count: u8) -> u8 {
        count.pow(2)
    }
}

#[test]
fn a_block_of_one_expression_keeps_its_braces() {
    let rows = compare!(twin => {
        twin::boxed_nothing().await;
        let futures = (twin::boxed(1).await, twin::boxed_value(2).await, twin::opaque(3).await);
        (futures, twin::asynchronous(4).await, twin::synchronous(5))
    });
    assert_eq!(
        rows,
        [
            "deployment",
            "deployment: 1",
            "deployment: 2",
            "deployment: 3",
            "deployment: 4",
            "deployment: 5"
        ]
    );
}
