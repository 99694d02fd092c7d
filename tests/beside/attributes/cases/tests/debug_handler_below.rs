//! `#[debug_handler]` of `axum`, below.

use axum::extract::Path;
use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[axum::debug_handler]
async fn deploy(Path(image): Path<String>) -> Result<String, String> {
    cases::work(&image).await.map(|length| length.to_string())
}

#[test]
fn report() {
    cases::report_in_context(|image| cases::block_on(deploy(Path(image))).is_ok());
}
