use tracker_core::tracked;

async fn deploy() {
    let deploy = #[tracked(action = "deployment")] || 7;
    deploy();
}

fn main() {}
