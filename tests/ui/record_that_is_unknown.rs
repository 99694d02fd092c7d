use tracker_core::tracked;

#[tracked(action = "deployment", record = "failure")]
async fn other() {}

#[tracked(action = "deployment", record = always)]
async fn without_quotes() {}

#[tracked(action = "deployment", error_details = "{error}")]
async fn only_successes() -> Result<u8, String> {
    Ok(7)
}

#[tracked(action = "deployment", record = "always", details = "{error}", error_details = "{output}")]
async fn mixed_up() -> Result<u8, String> {
    Ok(7)
}

fn main() {}
