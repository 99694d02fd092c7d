use tracker_core::tracked;

#[tracked]
async fn deploy() {}

#[tracked()]
async fn push() {}

#[tracked(environment = "production")]
async fn query() {}

fn main() {}
