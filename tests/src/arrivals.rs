//! Waiting for the transactions of other tests on the same server.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use tracker_core::{Store, timeline::Place};

/// The longest wait, far above any transaction of a test.
const LIMIT: Duration = Duration::from_mins(1);

/// Waits until everything that has begun by now is visible, and returns the place after it.
///
/// # Panics
///
/// If the store fails, or a transaction does not end.
pub async fn all_settled(store: &(impl Store + ?Sized)) -> Place {
    let arrived = async || store.watermarks().await.expect("the store can be asked");
    let settled = async {
        let begun = arrived().await.begun;
        loop {
            let settled = arrived().await.settled;
            if settled.is_past(&begun) {
                return settled;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    let settled = timeout(LIMIT, settled).await;
    settled.expect("transactions that end")
}
