use tracker_core::tracked;

#[tracked(action = "deployment", client = url)]
async fn deploy(url: &str) {}

fn main() {}
