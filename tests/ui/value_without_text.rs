use tracker_core::tracked;

struct User;

#[tracked(action = "deployment")]
async fn deploy(user_id: &User) {}

fn main() {}
