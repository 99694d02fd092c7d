use tracker_core::tracked;

#[tracked(action = "deployment" user = id)]
async fn deploy(id: u64) {}

fn main() {}
