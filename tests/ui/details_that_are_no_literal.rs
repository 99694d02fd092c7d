use tracker_core::tracked;

#[tracked(action = "deployment", details = image)]
async fn deploy(image: &str) {}

#[tracked(action = "deployment", details(image))]
async fn push(image: &str) {}

#[tracked(action = "deployment", details())]
async fn query() {}

fn main() {}
