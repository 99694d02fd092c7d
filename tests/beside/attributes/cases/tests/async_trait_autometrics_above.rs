//! `#[autometrics]`, in an `#[async_trait]` impl, above.

use tracker_core::tracked;

#[async_trait::async_trait]
trait Deploy {
    async fn deploy(&self, user_id: &str, image: &str) -> Result<usize, String>;
}

struct Service;

#[async_trait::async_trait]
impl Deploy for Service {
    #[autometrics::autometrics]
    #[tracked(action = "deployment", record = "always")]
    async fn deploy(&self, user_id: &str, image: &str) -> Result<usize, String> {
        cases::work(image).await
    }
}

#[test]
fn report() {
    cases::report(|image| cases::block_on(Service.deploy(cases::USER, &image)).is_ok());
}
