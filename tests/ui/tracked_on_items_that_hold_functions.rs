use tracker_core::tracked;

struct Service;

#[tracked(action = "deployment")]
impl Service {
    async fn deploy(&self) {}
}

#[tracked(action = "deployment")]
trait Deploy {
    async fn deploy(&self);
}

#[tracked(action = "deployment")]
unsafe extern "C" {
    fn deploy();
}

unsafe extern "C" {
    #[tracked(action = "deployment")]
    fn push();
}

fn main() {}
