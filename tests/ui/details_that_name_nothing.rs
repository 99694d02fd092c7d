use tracker_core::tracked;

#[tracked(action = "deployment", details = "deployed {imge} to {region}")]
async fn deploy(image: &str) {}

struct Service;

impl Service {
    #[tracked(action = "deployment", details = "deployed {self.image}")]
    async fn deploy(image: &str) {}
}

fn main() {}
