use tracker_core::tracked;

#[tracked(action = "deployment", user = "job.user_id")]
async fn deploy(job: &str) {}

fn main() {}
