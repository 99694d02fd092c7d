//! `#[track_caller]`, and that code in a body keeps its place in the source.

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
fn code_in_the_body_keeps_its_place_in_the_source() {
    let rows = compare!(twin => {
        (twin::places("user_1"), twin::places_between_awaits("user_2").await, twin::own_module("user_3"))
    });
    assert_eq!(rows.len(), 5);
}
