//! `#[debug_handler]` of `axum`, above.

use axum::extract::Path;
use tracker_core::tracked;

#[axum::debug_handler]
#[tracked(action = "deployment", record = "always")]
async fn deploy(Path(image): Path<String>) -> Result<String, String> {
    cases::work(&image).await.map(|length| length.to_string())
}

#[test]
fn report() {
    cases::report_in_context(|image| cases::block_on(deploy(Path(image))).is_ok());
}
