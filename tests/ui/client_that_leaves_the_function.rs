use tracker_core::tracked;

#[tracked(action = "deployment", client = clients.first().ok_or("none")?)]
async fn deploy(clients: &[tokio_postgres::Client]) -> Result<(), &'static str> {
    Ok(())
}

fn main() {}
