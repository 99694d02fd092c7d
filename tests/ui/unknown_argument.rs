use tracker_core::tracked;

#[tracked(action = "deployment", enviroment = "production", colour = "red")]
async fn deploy() {}

fn main() {}
