use tracker_core::tracked;

#[tracked(action = "deployment")]
#[track_caller]
fn deploy(count: &str) -> Result<u8, std::num::ParseIntError> {
    Ok(count.parse::<u8>()? + 1)
}

fn main() {}
