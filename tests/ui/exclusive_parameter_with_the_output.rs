use tracker_core::tracked;

struct Service {
    calls: usize,
}

impl Service {
    #[tracked(action = "deployment", details("{}", output + self.calls))]
    async fn deploy(&mut self) -> usize {
        self.calls += 1;
        7
    }
}

fn main() {}
