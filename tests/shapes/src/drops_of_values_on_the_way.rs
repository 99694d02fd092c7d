//! The drop order of temporaries: values that a statement or the last expression of the body makes
//! on its way. The editions differ, and each twin must follow its own.

use std::sync::Mutex;

use crate::support::{Noisy, log, tick};

impl Noisy {
    const fn length(&self) -> usize {
        self.0.len()
    }
}

twins! {
    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn in_the_last_expression(argument: Noisy) -> usize {
        let local = Noisy("local");
        tick().await;
        argument.touch();
        Noisy("temporary").length() + local.length()
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn in_the_matched_expression(argument: Noisy) -> usize {
        let _local = Noisy("local");
        tick().await;
        match Noisy("temporary").length() {
            0 => 0,
            length => {
                argument.touch();
                length
            }
        }
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn in_the_condition(argument: Noisy) -> usize {
        if let Some(length) = Some(Noisy("temporary")).as_ref().map(Noisy::length) {
            argument.touch();
            tick().await;
            log("then");
            length
        } else {
            log("else");
            0
        }
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn in_the_awaited_expression(argument: Noisy) -> usize {
        async fn length(noisy: &Noisy) -> usize {
            tick().await;
            noisy.length()
        }
        let _local = Noisy("local");
        length(&Noisy("temporary")).await + length(&argument).await
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn of_an_argument(lock: Mutex<Noisy>) -> usize {
        tick().await;
        let length = lock.lock().map_or(0, |noisy| noisy.length());
        log("statement");
        length
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn in_the_last_expression_at_once(argument: Noisy) -> usize {
        let local = Noisy("local");
        argument.touch();
        Noisy("temporary").length() + local.length()
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn in_the_matched_expression_at_once(argument: Noisy) -> usize {
        let _local = Noisy("local");
        match Noisy("temporary").length() {
            0 => 0,
            length => {
                argument.touch();
                length
            }
        }
    }
}

#[test]
fn values_made_by_the_last_expression_drop_as_the_edition_says() {
    let rows = compare!(twin => twin::in_the_last_expression(Noisy("argument")).await);
    assert_eq!(rows, ["deployment: 14"]);
    compare!(twin => twin::in_the_matched_expression(Noisy("argument")).await);
    compare!(twin => twin::in_the_condition(Noisy("argument")).await);
    compare!(twin => twin::in_the_awaited_expression(Noisy("argument")).await);
    compare!(twin => twin::of_an_argument(Mutex::new(Noisy("argument"))).await);
}

#[test]
fn values_made_by_the_last_expression_drop_as_the_edition_says_in_a_synchronous_function() {
    let rows = compare!(twin => twin::in_the_last_expression_at_once(Noisy("argument")));
    assert_eq!(rows, ["deployment: 14"]);
    compare!(twin => twin::in_the_matched_expression_at_once(Noisy("argument")));
}
