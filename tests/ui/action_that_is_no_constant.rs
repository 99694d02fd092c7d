use tracker_core::tracked;

#[tracked(action = pick())]
async fn called() {}

#[tracked(action = deployment)]
async fn without_quotes() {}

#[tracked(actions = Billing, action = Billing::Sent)]
async fn twice() {}

fn main() {}
