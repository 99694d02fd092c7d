use tracker_core::tracked;

trait Deploy {
    #[tracked(action = "deployment")]
    async fn deploy(&self);
}

fn main() {}
