use tracker_core::tracked;

struct Deployment;

#[tracked(action = "deployment", references(output))]
async fn deploy() -> Result<Deployment, String> {
    Ok(Deployment)
}

fn main() {}
