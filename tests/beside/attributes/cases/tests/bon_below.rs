//! `#[builder]` of `bon`, below.

use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[bon::builder]
async fn deploy(user_id: &str, image: &str) -> Result<usize, String> {
    cases::work(image).await
}

#[test]
fn report() {
    cases::report(|image| {
        cases::block_on(deploy().user_id(cases::USER).image(&image).call()).is_ok()
    });
}
