//! `#[instrument]` of `tracing`, above.

use tracker_core::tracked;

#[tracing::instrument]
#[tracked(action = "deployment", record = "always")]
async fn deploy(user_id: &str, image: &str) -> Result<usize, String> {
    cases::work(image).await
}

#[test]
fn report() {
    cases::report(|image| cases::block_on(deploy(cases::USER, &image)).is_ok());
}
