//! `#[maybe_async]`, below.

use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[maybe_async::maybe_async]
async fn deploy(user_id: &str, image: &str) -> Result<usize, String> {
    cases::work(image).await
}

#[test]
fn report() {
    cases::report(|image| cases::block_on(deploy(cases::USER, &image)).is_ok());
}
