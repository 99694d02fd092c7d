use tracker_core::tracked;

#[tracked(action = "deployment", client = client)]
fn deploy(client: &tokio_postgres::Client) {}

fn main() {}
