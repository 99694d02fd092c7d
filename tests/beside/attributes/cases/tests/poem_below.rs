//! `#[handler]` of `poem`, below.

use poem::{Endpoint, Request, http::StatusCode};
use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[poem::handler]
async fn deploy(image: String) -> poem::Result<String> {
    let length = cases::work(&image)
        .await
        .map_err(|error| poem::Error::from_string(error, StatusCode::BAD_REQUEST))?;
    Ok(length.to_string())
}

#[test]
fn report() {
    cases::report_in_context(|image| {
        let request = Request::builder().body(image);
        cases::block_on(deploy.call(request)).is_ok()
    });
}
