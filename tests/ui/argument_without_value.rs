use tracker_core::tracked;

#[tracked(action = "deployment", user, request = , project)]
async fn deploy() {}

fn main() {}
