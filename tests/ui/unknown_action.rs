use tracker_core::tracked;

#[tracked(action = "deploymnet")]
async fn deploy() {}

#[tracked(action = "invoice_sent")]
async fn send() {}

fn main() {}
