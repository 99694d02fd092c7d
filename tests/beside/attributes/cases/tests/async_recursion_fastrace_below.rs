//! `#[trace]` of `fastrace`, below `#[async_recursion]`, below.

use tracker_core::tracked;

#[async_recursion::async_recursion]
#[tracked(action = "deployment", record = "always")]
#[fastrace::trace]
async fn deploy(user_id: &str, image: &str) -> Result<usize, String> {
    cases::work(image).await
}

#[test]
fn report() {
    cases::report(|image| cases::block_on(deploy(cases::USER, &image)).is_ok());
}
