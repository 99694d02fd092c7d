//! `#[test]` of `tokio`, below.

use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[tokio::test]
async fn deploy() -> Result<(), String> {
    tokio::task::yield_now().await;
    cases::work_of_test()
}

#[test]
fn report() {
    cases::report_test(|| deploy().is_ok());
}
