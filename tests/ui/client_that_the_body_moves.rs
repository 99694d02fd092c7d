use tracker_core::tracked;

#[tracked(action = "deployment", client = client)]
async fn deploy(client: tokio_postgres::Client) {
    drop(client);
}

struct Service {
    client: tokio_postgres::Client,
}

impl Service {
    #[tracked(action = "deployment", client = self.client)]
    async fn deploy(&mut self) {
        let _ = &mut self.client;
    }
}

fn main() {}
