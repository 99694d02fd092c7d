use std::future::Future;

use tracker_core::tracked;

// The function only makes the future: it would be recorded before the work is done.
#[tracked(action = "deployment")]
fn fallible(image: String) -> Result<impl Future<Output = usize>, String> {
    Ok(async move { image.len() })
}

#[tracked(action = "deployment")]
fn several(image: String) -> (u8, Box<dyn Future<Output = usize> + Unpin>) {
    (1, Box::new(Box::pin(async move { image.len() })))
}

fn main() {}
