use std::{future::Future, pin::Pin};

use tracker_core::tracked;

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

#[tracked(action = "deployment")]
fn deploy(count: u8) -> Boxed<u8> {
    if count == 0 {
        return Box::pin(async { 0 });
    }
    Box::pin(async move { count })
}

fn main() {}
