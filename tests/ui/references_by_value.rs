use tracker_core::tracked;

struct Deployment {
    id: u8,
}

#[tracked(action = "deployment", references(output.id))]
async fn field() -> Deployment {
    Deployment { id: 7 }
}

#[tracked(action = "deployment", references("deployment_id" = output.id))]
async fn quoted() -> Deployment {
    Deployment { id: 7 }
}

fn main() {}
