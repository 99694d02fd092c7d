use tracker_core::tracked;

#[tracked(action = 7)]
async fn deploy() {}

#[tracked(action = )]
async fn push() {}

#[tracked(action("deployment"))]
async fn query() {}

fn main() {}
