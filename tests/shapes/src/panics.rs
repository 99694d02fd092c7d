//! A panic propagates with its payload.

use std::panic::panic_any;

use crate::support::{Noisy, tick};

twins! {
    #[tracked(action = "deployment", details = "{user_id}")]
    pub(super) async fn with_a_literal(user_id: Noisy) -> u8 {
        user_id.touch();
        tick().await;
        panic!("literal")
    }

    #[tracked(action = "deployment")]
    pub(super) async fn with_a_text(user_id: &str) -> Result<u8, ()> {
        tick().await;
        if user_id.is_empty() {
            return Ok(7);
        }
        panic!("no {user_id}")
    }

    #[tracked(action = "deployment")]
    pub(super) async fn with_a_value(value: u8) {
        tick().await;
        panic_any(value + 1)
    }

    #[tracked(action = "deployment")]
    pub(super) async fn with_an_index(values: &[u8]) -> u8 {
        tick().await;
        values[7]
    }

    #[tracked(action = "deployment")]
    pub(super) fn at_once_with_a_value(value: u8) {
        panic_any(value + 1)
    }

    #[tracked(action = "deployment")]
    pub(super) fn at_once_with_a_text(user_id: &str, noisy: Noisy) -> Result<u8, ()> {
        noisy.touch();
        if user_id.is_empty() {
            return Ok(7);
        }
        panic!("no {user_id}")
    }
}

#[test]
fn a_panic_keeps_its_payload() {
    let rows = compare!(twin => twin::with_a_literal(Noisy("user_1")).await);
    assert_eq!(rows, [""; 0]);
    let rows = compare!(twin => twin::with_a_text("user_1").await);
    assert_eq!(rows, [""; 0]);
    let rows = compare!(twin => twin::with_a_value(7).await);
    assert_eq!(rows, [""; 0]);
    let rows = compare!(twin => twin::with_an_index(&[1]).await);
    assert_eq!(rows, [""; 0]);
}

#[test]
fn a_panic_in_a_synchronous_function_keeps_its_payload() {
    let rows = compare!(twin => twin::at_once_with_a_value(7));
    assert_eq!(rows, [""; 0]);
    let rows = compare!(twin => twin::at_once_with_a_text("user_1", Noisy("argument")));
    assert_eq!(rows, [""; 0]);
}
