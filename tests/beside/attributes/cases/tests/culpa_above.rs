//! `#[throws]` of `culpa`, above.

use culpa::{throw, throws};
use tracker_core::tracked;

#[throws(String)]
#[tracked(action = "deployment", record = "always")]
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
