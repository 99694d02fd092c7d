use tracker_core::tracked;

#[tracked(action = "deployment")]
const fn deploy() {}

fn main() {}
