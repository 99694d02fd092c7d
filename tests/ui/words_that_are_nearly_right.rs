use tracker_core::tracked;

#[tracked(action = "deployment", record = "allways")]
async fn misspelled() {}

#[tracked(action = "deployment", record = always)]
async fn without_quotes() {}

#[tracked(action = "deployment", always)]
async fn alone() {}

#[tracked(action = "deployment", env = "production")]
async fn short() {}

#[tracked(action = "deployment", record = "always", error = "failed: {error}")]
async fn error() -> Result<(), u8> {
    Ok(())
}

#[tracked(action = "Billing::InvoiceSent")]
async fn path_in_quotes() {}

fn main() {}
