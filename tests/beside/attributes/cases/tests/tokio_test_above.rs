//! `#[test]` of `tokio`, above.

use tracker_core::tracked;

#[tokio::test]
#[tracked(action = "deployment", record = "always")]
async fn deploy() -> Result<(), String> {
    tokio::task::yield_now().await;
    cases::work_of_test()
}

#[test]
fn report() {
    cases::report_test(|| deploy().is_ok());
}
