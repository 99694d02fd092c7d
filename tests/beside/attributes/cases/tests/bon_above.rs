//! `#[builder]` of `bon`, above.

use tracker_core::tracked;

#[bon::builder]
#[tracked(action = "deployment", record = "always")]
async fn deploy(user_id: &str, image: &str) -> Result<usize, String> {
    cases::work(image).await
}

#[test]
fn report() {
    cases::report(|image| {
        cases::block_on(deploy().user_id(cases::USER).image(&image).call()).is_ok()
    });
}
