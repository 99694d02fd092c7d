use tracker_core::tracked;

use std::{future::Future, pin::Pin};

#[tracked(action = "deployment")]
fn named() -> Pin<Box<dyn Future<Output = u8>>> {
    let future = async { 7 };
    Box::pin(future)
}

#[tracked(action = "deployment")]
fn called() -> impl Future<Output = u8> {
    std::future::ready(7)
}

fn main() {}
