use tracker_core::tracked;

struct Image;

#[tracked(action = "deployment", details = "deployed {image}")]
async fn deploy(image: &Image) {}

fn main() {}
