use tracker_core::tracked;

#[tracked(action = "deployment", references)]
async fn bare() {}

#[tracked(action = "deployment", references())]
async fn empty() {}

#[tracked(action = "deployment", references(deployment_id))]
async fn without_value() {}

#[tracked(action = "deployment", references(id = 1, id = 2))]
async fn twice() {}

fn main() {}
