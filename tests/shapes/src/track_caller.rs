//! `#[track_caller]`, and the source locations of code in a body, which stay unchanged.

use std::panic::Location;

use crate::support::{log, tick};

twins! {
    #[tracked(action = "deployment", details = "{output}")]
    #[track_caller]
    pub(super) fn above(user_id: &str) -> &'static Location<'static> {
        log(user_id);
        Location::caller()
    }

    #[track_caller]
    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn below(user_id: &str) -> &'static Location<'static> {
        log(user_id);
        Location::caller()
    }

    // The type of the body's value is known from the signature alone.
    #[tracked(action = "deployment", details = "{text} {output}")]
    #[track_caller]
    pub(super) fn parses(text: &str) -> u8 {
        text.parse().expect("a number")
    }

    #[tracked(action = "deployment")]
    #[track_caller]
    pub(super) fn coerces(flag: bool) -> Box<dyn std::fmt::Display> {
        if flag { Box::new(1) } else { Box::new("one") }
    }

    #[tracked(action = "deployment")]
    #[track_caller]
    pub(super) fn panics() -> u8 {
        panic!("expected by this test")
    }

    #[tracked(action = "deployment", details = "{count} {left} {output}")]
    #[track_caller]
    pub(super) fn changes(mut count: u8, (left, mut right): (u8, u8)) -> u8 {
        count += 1;
        right += 1;
        count + left + right
    }

    #[tracked(action = "deployment", record = "always", details = "{user_id}")]
    #[track_caller]
    pub(super) fn always(user_id: &str) -> &'static Location<'static> {
        log(user_id);
        Location::caller()
    }

    #[tracked(action = "deployment", details("{}", output.0))]
    pub(super) fn places(user_id: &str) -> (u32, u32, &'static str, &'static Location<'static>) {
        let _ = user_id;
        (line!(), column!(), file!(), above(user_id))
    }

    #[tracked(action = "deployment", details("{}", output.0))]
    pub(super) async fn places_between_awaits(user_id: &str) -> (u32, u32, &'static str, &'static Location<'static>) {
        tick().await;
        (line!(), column!(), file!(), above(user_id))
    }

    #[tracked(action = "deployment")]
    pub(super) fn own_module(user_id: &str) -> &'static str {
        let _ = user_id;
        module_path!().rsplit_once(':').map_or("", |(parent, _)| parent)
    }
}

#[test]
fn a_function_sees_its_caller() {
    let rows = compare!(twin => (twin::above("user_1"), twin::below("user_2")));
    let [above, below] = &rows[..] else {
        panic!("two rows: {rows:?}")
    };
    assert!(above.starts_with("deployment by user_1: ") && above.contains("track_caller.rs:"));
    assert!(below.starts_with("deployment by user_2: ") && below.contains("track_caller.rs:"));
}

#[test]
fn a_function_that_sees_its_caller_is_recorded_however_it_ends() {
    let rows = compare!(twin => twin::always("user_1").line());
    assert_eq!(rows, ["deployment by user_1: user_1"]);
}

#[test]
fn the_body_of_a_function_that_sees_its_caller_is_typed_by_its_signature() {
    let rows = compare!(twin => {
        (twin::parses("7"), twin::coerces(true).to_string(), twin::coerces(false).to_string())
    });
    assert_eq!(rows, ["deployment: 7 7", "deployment", "deployment"]);
    let rows = compare!(twin => twin::panics());
    assert_eq!(rows, [""; 0]);
}

#[test]
fn what_such_a_body_changes_is_recorded_as_it_came() {
    let rows = compare!(twin => twin::changes(1, (2, 3)));
    assert_eq!(rows, ["deployment: 1 2 8"]);
}

#[test]
fn code_in_the_body_keeps_its_place_in_the_source() {
    let rows = compare!(twin => {
        (twin::places("user_1"), twin::places_between_awaits("user_2").await, twin::own_module("user_3"))
    });
    assert_eq!(rows.len(), 5);
}
