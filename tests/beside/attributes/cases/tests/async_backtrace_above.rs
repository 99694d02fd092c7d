//! `#[framed]` of `async-backtrace`, above.

use tracker_core::tracked;

#[async_backtrace::framed]
#[tracked(action = "deployment", record = "always")]
async fn deploy(user_id: &str, image: &str) -> Result<usize, String> {
    cases::work(image).await
}

#[test]
fn report() {
    cases::report(|image| cases::block_on(deploy(cases::USER, &image)).is_ok());
}
