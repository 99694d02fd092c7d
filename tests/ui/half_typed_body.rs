use tracker_core::tracked;

struct Image {
    tag: String,
}

// The body is being typed: there is one error, of the compiler's, where it is.
#[tracked(action = "deployment", details = "{image.tag}")]
async fn deploy(image: &Image) -> usize {
    let tag = image.
}

#[tracked(action = "deployment")]
fn push(image: &Image) -> usize {
    image.tagg.len()
}

async fn call(image: &Image) -> usize {
    deploy(image).await + push(image)
}

fn main() {}
