//! `#[trace]` of `fastrace`, below `#[async_recursion]`, above.

use tracker_core::tracked;

#[async_recursion::async_recursion]
#[fastrace::trace]
#[tracked(action = "deployment", record = "always")]
async fn deploy(user_id: &str, image: &str) -> Result<usize, String> {
    cases::work(image).await
}

#[test]
fn report() {
    cases::report(|image| cases::block_on(deploy(cases::USER, &image)).is_ok());
}
