use std::{future::Future, pin::Pin};

use tracker_core::tracked;

#[tracked(action = "deployment")]
fn deploys(count: u8) -> impl Fn(u8) -> Pin<Box<dyn Future<Output = u8>>> {
    move |more| Box::pin(async move { count + more })
}

fn main() {}
