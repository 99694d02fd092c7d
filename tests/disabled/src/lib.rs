//! Functions under attributes that are switched off. Each attribute stands on the line of its function, so that lines and columns
//! stay what they are when it is taken away.

#![deny(warnings)]
#![allow(unused_imports)]

use std::{future::Future, pin::Pin};

use tracker_core::tracked;

pub struct Image(pub String);

#[tracked(action = "deployment", details = "deployed {image.0} to {output}", record = "always")] #[inline(never)] pub fn deploy(user_id: &str, image: Image, count: usize) -> Result<String, String> {
    let url = format!("{user_id}/{}/{count}", image.0);
    if url.len() > count { Ok(url) } else { Err(url) }
}

#[tracked(action = "deployment", details = "deployed {image.0} to {output}")] pub async fn deploy_later(user_id: &str, image: Image, count: usize) -> Result<String, String> {
    std::future::ready(()).await;
    let url = format!("{user_id}/{}/{count}", image.0);
    std::future::ready(()).await;
    if url.len() > count { Ok(url) } else { Err(url) }
}

#[tracked(action = "deployment")] pub fn boxed(count: usize) -> Pin<Box<dyn Future<Output = usize> + Send>> {
    Box::pin(async move {
        std::future::ready(()).await;
        count + 1
    })
}

/// How large the futures are.
#[must_use]
#[inline(never)]
pub fn sizes() -> [usize; 2] {
    let future = deploy_later("", Image(String::new()), 0);
    [size_of_val(&future), size_of_val(&boxed(0))]
}

/// Keeps the futures' code.
#[must_use]
#[inline(never)]
pub fn drive() -> Pin<Box<dyn Future<Output = Result<String, String>>>> {
    Box::pin(deploy_later("", Image(String::new()), 0))
}
