//! `#[throws]` of `culpa`, below.

use culpa::{throw, throws};
use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[throws(String)]
fn deploy(user_id: &str, image: &str) -> usize {
    if image.is_empty() {
        throw!("no image".to_owned());
    }
    image.len()
}

#[test]
fn report() {
    cases::report(|image| deploy(cases::USER, &image).is_ok());
}
