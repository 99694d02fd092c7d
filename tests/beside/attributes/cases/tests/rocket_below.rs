//! `#[get]` of `rocket`, below.

use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[rocket::get("/<user_id>/<image>")]
async fn deploy(user_id: &str, image: &str) -> Result<String, String> {
    cases::work(image).await.map(|length| length.to_string())
}

#[test]
fn report() {
    cases::report(|image| cases::block_on(deploy(cases::USER, &image)).is_ok());
}
