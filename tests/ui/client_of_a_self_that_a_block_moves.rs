use tracker_core::{store::postgres::tokio_postgres::Client, tracked};

struct Service {
    client: Client,
}

impl Service {
    #[tracked(action = "deployment", client = self.client)]
    async fn in_a_block(&mut self) {
        async move { self.client.is_closed() }.await;
    }

    #[tracked(action = "deployment", client = self.client)]
    async fn in_a_closure(&mut self) {
        let mut close = move || drop(&mut self.client);
        close();
    }

    #[tracked(action = "deployment", client = self.client)]
    fn in_a_future<'a>(&'a mut self) -> std::pin::Pin<Box<dyn Future<Output = ()> + 'a>> {
        Box::pin(async move { drop(&mut self.client) })
    }
}

fn main() {}
