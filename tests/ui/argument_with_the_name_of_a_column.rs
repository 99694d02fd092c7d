use tracker_core::tracked;

#[tracked(action = "deployment", user_id = id, request_id = id)]
async fn deploy(id: u64) {}

fn main() {}
