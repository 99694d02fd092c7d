//! `#[make]` of `trait-variant`, on the trait, above.

use tracker_core::tracked;

#[trait_variant::make(SendDeploy: Send)]
trait Deploy {
    async fn deploy(&self, user_id: &str, image: &str) -> Result<usize, String>;
}

struct Service;

impl SendDeploy for Service {
    #[tracked(action = "deployment", record = "always")]
    async fn deploy(&self, user_id: &str, image: &str) -> Result<usize, String> {
        cases::work(image).await
    }
}

#[test]
fn report() {
    cases::report(|image| {
        cases::block_on(SendDeploy::deploy(&Service, cases::USER, &image)).is_ok()
    });
}
