//! `#[rstest]`, below.

use rstest::{fixture, rstest};
use tracker_core::tracked;

#[fixture]
fn user_id() -> &'static str {
    cases::USER
}

#[tracked(action = "deployment", record = "always")]
#[rstest]
fn deploy(user_id: &str) -> Result<(), String> {
    cases::work_of_test()
}

#[test]
fn report() {
    cases::report_test_with_user(|| deploy().is_ok());
}
