use tracker_core::tracked;

#[tracked(action = 7)]
async fn number() {}

#[tracked(action = deployment())]
async fn call() {}

#[tracked(action("deployment"))]
async fn list() {}

#[tracked(action = "deployment", details = 7)]
async fn details() {}

#[tracked(action = "deployment", references = 7)]
async fn references() {}

#[tracked(action = "deployment", crate = "tracker_core")]
async fn krate() {}

#[tracked = "deployment"]
async fn value() {}

fn main() {}
