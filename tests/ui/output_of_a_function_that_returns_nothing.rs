use tracker_core::tracked;

#[tracked(action = "deployment", details = "deployed {output}")]
async fn unit() {}

#[tracked(action = "deployment", references(deployment_id = output.id))]
async fn result_of_unit() -> Result<(), String> {
    Ok(())
}

fn main() {}
