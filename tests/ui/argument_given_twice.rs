use tracker_core::tracked;

#[tracked(action = "deployment", user = id, action = "github_push", user = id)]
async fn deploy(id: u64) {}

fn main() {}
