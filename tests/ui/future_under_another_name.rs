use std::{future::Future, pin::Pin};

use tracker_core::tracked;

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

fn plain() -> Boxed<u8> {
    Box::pin(async { 7 })
}

#[tracked(action = "deployment")]
fn deploy() -> Boxed<u8> {
    plain()
}

#[tracked(action = "deployment")]
fn spawn() -> tokio::task::JoinHandle<u8> {
    tokio::spawn(async { 7 })
}

fn main() {}
