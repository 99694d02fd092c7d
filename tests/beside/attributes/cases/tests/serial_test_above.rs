//! `#[serial]` of `serial_test`, above.

use tracker_core::tracked;

#[serial_test::serial]
#[test]
#[tracked(action = "deployment", record = "always")]
fn deploy() -> Result<(), String> {
    cases::work_of_test()
}

#[test]
fn report() {
    cases::report_test(|| deploy().is_ok());
}
