//! `#[dynosaur]`, on a trait with a body, above.

use tracker_core::tracked;

#[dynosaur::dynosaur(DynDeploy = dyn(box) Deploy)]
trait Deploy {
    #[tracked(action = "deployment", record = "always")]
    async fn deploy(&self, user_id: &str, image: &str) -> Result<usize, String> {
        cases::work(image).await
    }
}

struct Service;

impl Deploy for Service {}

#[test]
fn report() {
    cases::report(|image| cases::block_on(Service.deploy(cases::USER, &image)).is_ok());
}
