use tracker_core::tracked;

#[tracked(action = "deploy", user = , details = "{imge}", colour = "red")]
async fn deploy(image: &str) -> u8 {
    7
}

// The function itself is intact: calling it is no further error.
async fn call() -> u8 {
    deploy("image").await
}

fn main() {}
