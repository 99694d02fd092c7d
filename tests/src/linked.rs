//! A tracked function in a crate other than the test's.

use tracker_core::tracked;

/// Does nothing, and is never called.
#[tracked(action = "deployment")]
pub async fn never_called() {}
