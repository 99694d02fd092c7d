use tracker_core::tracked;

use std::{future::Future, pin::Pin};

#[tracked(action = "deployment")]
fn named() -> impl Future<Output = u8> {
    let future = async { 7 };
    future
}

#[tracked(action = "deployment")]
fn called() -> impl Future<Output = u8> {
    std::future::ready(7)
}

#[tracked(action = "deployment")]
fn unpinned() -> Box<dyn Future<Output = u8> + Unpin> {
    Box::new(std::future::ready(7))
}

#[tracked(action = "deployment", client = client)]
fn on_client<'a>(client: &'a mut Connection) -> Pin<Box<dyn Future<Output = u8> + 'a>> {
    connect(client)
}

fn main() {}
