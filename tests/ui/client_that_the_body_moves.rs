use tracker_core::tracked;

#[tracked(action = "deployment", client = client)]
async fn deploy(client: tokio_postgres::Client) {
    drop(client);
}

fn main() {}
