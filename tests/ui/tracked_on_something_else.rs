use tracker_core::tracked;

#[tracked(action = "deployment")]
struct Deployment;

#[tracked(action = "deployment")]
mod deployment {}

#[tracked(action = "deployment")]
const DEPLOYMENT: u8 = 1;

fn main() {}
