//! `#[cached]`, below.

use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[cached::cached]
async fn deploy(user_id: String, image: String) -> Result<usize, String> {
    cases::work(&image).await
}

#[test]
fn report() {
    cases::report(|image| cases::block_on(deploy(cases::USER.to_owned(), image)).is_ok());
}
