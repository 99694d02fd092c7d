//! `#[serial]` of `serial_test`, below.

use tracker_core::tracked;

#[tracked(action = "deployment", record = "always")]
#[serial_test::serial]
#[test]
fn deploy() -> Result<(), String> {
    cases::work_of_test()
}

#[test]
fn report() {
    cases::report_test(|| deploy().is_ok());
}
