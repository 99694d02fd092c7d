//! `#[async_recursion]`, above.

use tracker_core::tracked;

#[async_recursion::async_recursion]
#[tracked(action = "deployment", record = "always")]
async fn deploy(user_id: &str, image: &str) -> Result<usize, String> {
    if let Some(image) = image.strip_prefix("again:") {
        return deploy(user_id, image).await;
    }
    cases::work(image).await
}

#[test]
fn report() {
    cases::report(|image| cases::block_on(deploy(cases::USER, &image)).is_ok());
}
