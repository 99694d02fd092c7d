use tracker_core::tracked;

#[tracked(action = "", environment)]
async fn deploy() {}

#[tracked(action = "deployment", details())]
async fn push() {}

#[tracked(action = "deployment", references())]
async fn query() {}

#[tracked(action = "deployment", user)]
async fn create() {}

fn main() {}
