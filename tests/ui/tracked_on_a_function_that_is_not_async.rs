use tracker_core::tracked;

#[tracked(action = "deployment")]
fn deploy() {}

fn main() {}
