use tracker_core::tracked;

#[tracked(action = "deployment", details = "deployed {image")]
async fn open(image: &str) {}

#[tracked(action = "deployment", details = "deployed image}")]
async fn closed(image: &str) {}

#[tracked(action = "deployment", details = "deployed {image.name()}")]
async fn called(image: &str) {}

#[tracked(action = "deployment", details = "deployed {image:>width$}")]
async fn wide(image: &str, width: usize) {}

fn main() {}
