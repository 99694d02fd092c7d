//! The attribute neither hides nor adds lints. An `#[expect]` whose lint does not fire is an error,
//! here as in the plain twin, and so is any other lint.

use crate::support::{log, tick};

twins! {
    #[tracked(action = "deployment")]
    #[expect(unused_variables)]
    pub(super) async fn an_unused_argument(user_id: &str, unused: &str) {
        let _ = user_id;
        tick().await;
    }

    #[tracked(action = "deployment", details = "{name}")]
    #[expect(unused_mut)]
    pub(super) async fn an_argument_mutable_for_nothing(mut name: String) -> String {
        tick().await;
        name
    }

    #[tracked(action = "deployment")]
    #[expect(unused_variables, unused_assignments)]
    pub(super) async fn unused_locals() -> u8 {
        let unused = 7;
        let mut never_read = 1;
        tick().await;
        never_read = 2;
        7
    }

    #[tracked(action = "deployment")]
    #[expect(unreachable_code)]
    pub(super) async fn code_that_is_never_reached() -> u8 {
        tick().await;
        return 7;
        log("never");
    }

    #[tracked(action = "deployment")]
    #[expect(unused_must_use)]
    pub(super) async fn an_ignored_result() {
        tick().await;
        "7".parse::<u8>();
    }

    #[tracked(action = "deployment")]
    #[expect(clippy::let_and_return)]
    pub(super) async fn a_needless_local() -> u8 {
        tick().await;
        let seven = 7;
        seven
    }

    #[tracked(action = "deployment")]
    #[expect(clippy::redundant_clone)]
    pub(super) async fn a_needless_clone() -> String {
        tick().await;
        let text = String::from("7");
        text.clone()
    }

    #[tracked(action = "deployment")]
    #[expect(clippy::unit_arg)]
    #[allow(clippy::semicolon_if_nothing_returned, clippy::unused_unit)]
    pub(super) async fn units(user_id: &str) -> () {
        let _ = user_id;
        tick().await;
        std::convert::identity(log("7"));
        ()
    }

    #[tracked(action = "deployment")]
    #[deprecated]
    pub(super) async fn deprecated() {
        tick().await;
    }

    #[tracked(action = "deployment")]
    #[expect(deprecated)]
    pub(super) async fn calls_what_is_deprecated() {
        deprecated().await;
    }

    // Lints about the length or the shape of a function count the author's code alone.
    #[tracked(
        action = "deployment",
        user = first,
        request = second,
        project = third,
        environment = "production",
        details = "{fourth} {fifth} {sixth:?} {seventh}",
        references(first_id = first, second_id = second, third_id = third, fourth_id = fourth)
    )]
    pub(super) async fn seven_arguments(
        first: &str,
        second: &str,
        third: String,
        fourth: u8,
        fifth: &mut u8,
        sixth: Option<&str>,
        seventh: Box<str>,
    ) -> Option<usize> {
        *fifth += fourth;
        tick().await;
        let sixth = sixth?;
        drop((third, seventh));
        Some(first.len() + second.len() + sixth.len())
    }
}

/// In the plain function the lint for unused arguments fires. The attribute's reading of an
/// argument is a use.
#[tracker_core::tracked(action = "deployment", user = user, details = "{count}")]
async fn only_the_attribute_reads_these(user: &str, project_id: &str, count: u8) {
    tick().await;
}

#[test]
fn an_argument_that_only_the_attribute_reads_is_not_unused() {
    let (_, rows) =
        crate::support::record(only_the_attribute_reads_these("user_1", "project_2", 3));
    assert_eq!(rows, ["deployment by user_1 on project_2: 3"]);
}

#[test]
fn lints_neither_vanish_nor_appear() {
    // The test passes if it compiles. The calls only keep the functions from being dead code.
    let rows = compare!(twin => {
        twin::an_unused_argument("user_1", "unused").await;
        twin::an_argument_mutable_for_nothing("7".into()).await;
        twin::unused_locals().await;
        twin::code_that_is_never_reached().await;
        twin::an_ignored_result().await;
        twin::a_needless_local().await;
        twin::a_needless_clone().await;
        twin::units("user_1").await;
        twin::calls_what_is_deprecated().await;
        twin::seven_arguments("a", "b", "c".into(), 4, &mut 5, None, "g".into()).await
    });
    assert_eq!(rows.len(), 11);
}
