use tracker_core::tracked;

struct Deployment;

#[tracked(action = Deployment)]
async fn deploy() {}

fn main() {}
