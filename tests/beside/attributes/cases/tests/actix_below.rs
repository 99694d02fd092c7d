//! `#[get]` of `actix-web`, below.

use actix_web::{App, test as testing, web};
use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[actix_web::get("/{user_id}/{image}")]
async fn deploy(path: web::Path<(String, String)>) -> Result<String, actix_web::Error> {
    let (_, image) = path.into_inner();
    cases::work(image.trim())
        .await
        .map(|length| length.to_string())
        .map_err(actix_web::error::ErrorBadRequest)
}

#[test]
fn report() {
    cases::report_in_context(|image| {
        cases::block_on(async {
            let service = testing::init_service(App::new().service(deploy)).await;
            let uri = format!("/user_1/{}", if image.is_empty() { "%20" } else { &image });
            testing::call_service(&service, testing::TestRequest::get().uri(&uri).to_request())
                .await
                .status()
                .is_success()
        })
    });
}
