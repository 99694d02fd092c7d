use tracker_core::tracked;

#[tracked(action = "deployment", details = "deployed {}")]
async fn none(image: &str) {}

#[tracked(action = "deployment", details("deployed {} {}", image))]
async fn one_missing(image: &str) {}

#[tracked(action = "deployment", details("deployed {}", image, image))]
async fn one_too_many(image: &str) {}

fn main() {}
