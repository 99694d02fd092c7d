use std::{future::Future, pin::Pin};

use tracker_core::tracked;

#[tracked(action = "deployment")]
fn deploy(count: u8) -> Pin<Box<dyn Future<Output = u8>>> {
    if count == 0 {
        return Box::pin(async { 0 });
    }
    Box::pin(async move { count })
}

fn main() {}
