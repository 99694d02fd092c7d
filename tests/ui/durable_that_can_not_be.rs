use tracker_core::{Client, tracked};

#[tracked(action = "deployment", durable)]
fn synchronous() {}

#[tracked(action = "deployment", durable, client = client)]
async fn on_a_client(client: &(dyn Client + Sync)) {}

#[tracked(action = "deployment", durable = true)]
async fn with_a_value() {}

#[tracked(action = "deployment", durable, durable)]
async fn twice() {}

fn main() {}
