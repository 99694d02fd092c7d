//! The order in which an async function drops its arguments and locals: at its end, on an early
//! exit, and when its future is dropped before completion.

use crate::support::{Noisy, log, polled, tick};

pub(crate) struct Trio {
    first: Noisy,
    second: Noisy,
    #[allow(dead_code)]
    third: Noisy,
}

const fn trio() -> Trio {
    Trio {
        first: Noisy("first"),
        second: Noisy("second"),
        third: Noisy("third"),
    }
}

twins! {
    // The arguments are used in another order than declared.
    #[tracked(action = "deployment")]
    pub(super) async fn used(first: Noisy, second: Noisy, third: Noisy) {
        let _local = Noisy("local");
        second.touch();
        let another = Noisy("another");
        tick().await;
        third.touch();
        tick().await;
        another.touch();
        first.touch();
    }

    // Temporaries of the last expression drop before or after the arguments, depending on the
    // edition.
    #[tracked(action = "deployment")]
    pub(super) async fn made_at_the_end(first: Noisy, (second, _): (Noisy, u8)) -> usize {
        tick().await;
        Noisy("made at the end").0.len() + first.0.len() + second.0.len()
    }

    #[tracked(action = "deployment")]
    pub(super) async fn borrowed_at_the_end(first: std::sync::Mutex<usize>, (second, _): (u8, u8)) -> usize {
        tick().await;
        *first.lock().expect("no panic") + usize::from(second)
    }

    #[tracked(action = "deployment", user = first, details = "{second} {third}")]
    pub(super) async fn captured(first: Noisy, second: Noisy, third: Noisy) {
        third.touch();
        tick().await;
        first.touch();
        second.touch();
    }

    #[tracked(action = "deployment")]
    pub(super) async fn underscored(first: Noisy, _second: Noisy, _third: Noisy, fourth: Noisy) {
        let _local = Noisy("local");
        tick().await;
        fourth.touch();
        first.touch();
    }

    #[tracked(action = "deployment")]
    #[expect(let_underscore_drop)]
    pub(super) async fn without_a_name(first: Noisy, _: Noisy, third: Noisy, _: Noisy) {
        let _local = Noisy("local");
        let _ = Noisy("at once");
        tick().await;
        third.touch();
        first.touch();
    }

    #[tracked(action = "deployment")]
    #[allow(clippy::toplevel_ref_arg)]
    pub(super) async fn destructured((first, _): (Noisy, Noisy), Trio { second, .. }: Trio, [.., last]: [Noisy; 2], ref bound: Noisy) {
        let _local = Noisy("local");
        tick().await;
        bound.touch();
        last.touch();
        second.touch();
        first.touch();
    }

    #[tracked(action = "deployment")]
    pub(super) async fn destructured_with_underscores((_first, _): (Noisy, Noisy), Trio { second: _second, .. }: Trio, fourth: Noisy) {
        tick().await;
        fourth.touch();
    }

    #[tracked(action = "deployment", details = "{first} {second} {third}")]
    pub(super) async fn moved(first: Noisy, second: Noisy, third: Noisy, mut fourth: Noisy, early: bool) -> Noisy {
        drop(second);
        tick().await;
        if early {
            return third;
        }
        let first = first;
        fourth.touch();
        fourth = Noisy("replacement");
        let closure = move || third.touch();
        closure();
        tick().await;
        fourth.touch();
        first
    }

    #[tracked(action = "deployment")]
    pub(super) async fn partly_moved(trio: Trio, other: Noisy) -> Noisy {
        tick().await;
        other.touch();
        trio.second
    }

    #[tracked(action = "deployment")]
    pub(super) async fn shadowed(first: Noisy, second: Noisy) {
        let first = (Noisy("shadow"), first.touch());
        tick().await;
        first.0.touch();
        let second = second.0.len();
        log(second);
    }

    #[tracked(action = "deployment")]
    pub(super) async fn left(first: Noisy, second: Noisy, text: &str) -> Result<u8, std::num::ParseIntError> {
        let _local = Noisy("local");
        tick().await;
        let number = text.parse()?;
        let _late = Noisy("late");
        second.touch();
        first.touch();
        if number == 0 {
            return Ok(9);
        }
        tick().await;
        Ok(number)
    }

    #[tracked(action = "deployment")]
    pub(super) async fn panics(first: Noisy, _second: Noisy, third: Noisy) {
        let _local = Noisy("local");
        third.touch();
        first.touch();
        tick().await;
        panic!("expected by this test");
    }

    #[tracked(action = "deployment")]
    #[expect(unused_variables)]
    pub(super) async fn unused(first: Noisy, second: Noisy, third: Noisy) {
        let _local = Noisy("local");
        tick().await;
        second.touch();
    }

    pub(super) struct Service(pub(super) Noisy);

    impl Service {
        #[tracked(action = "deployment", user = self.0, details = "{other}")]
        pub(super) async fn deploy(self, other: Noisy, _third: Noisy) {
            tick().await;
            other.touch();
            self.0.touch();
        }

        #[tracked(action = "deployment")]
        pub(super) async fn boxed(mut self: Box<Self>, other: Noisy) -> Noisy {
            tick().await;
            self.0 = Noisy("new self");
            other
        }
    }
}

#[test]
fn arguments_and_locals_drop_in_order() {
    let rows = compare!(twin => twin::used(Noisy("first"), Noisy("second"), Noisy("third")).await);
    assert_eq!(rows, ["deployment"]);
    let rows =
        compare!(twin => twin::captured(Noisy("first"), Noisy("second"), Noisy("third")).await);
    assert_eq!(rows, ["deployment by first: second third"]);
}

#[test]
fn arguments_with_an_underscore_drop_in_order() {
    compare!(twin => twin::underscored(Noisy("first"), Noisy("second"), Noisy("third"), Noisy("fourth")).await);
}

#[test]
fn arguments_without_a_name_drop_in_order() {
    compare!(twin => twin::without_a_name(Noisy("first"), Noisy("second"), Noisy("third"), Noisy("fourth")).await);
}

#[test]
fn destructured_arguments_drop_in_order() {
    compare!(twin => {
        let pair = (Noisy("left"), Noisy("right"));
        twin::destructured(pair, trio(), [Noisy("head"), Noisy("last")], Noisy("bound")).await;
    });
    compare!(twin => {
        twin::destructured_with_underscores((Noisy("left"), Noisy("right")), trio(), Noisy("fourth")).await;
    });
}

#[test]
fn moved_arguments_drop_where_they_went() {
    for early in [false, true] {
        let rows = compare!(twin => {
            let trio = trio();
            twin::moved(trio.first, trio.second, trio.third, Noisy("fourth"), early).await
        });
        assert_eq!(rows, ["deployment: first second third"]);
    }
    compare!(twin => twin::partly_moved(trio(), Noisy("other")).await);
    compare!(twin => twin::shadowed(Noisy("first"), Noisy("second")).await);
}

#[test]
fn what_the_last_expression_makes_drops_in_order() {
    compare!(twin => twin::made_at_the_end(Noisy("first"), (Noisy("second"), 2)).await);
    compare!(twin => twin::borrowed_at_the_end(std::sync::Mutex::new(1), (2, 3)).await);
}

#[test]
fn a_function_that_is_left_early_drops_in_order() {
    for text in ["seven", "0", "7"] {
        compare!(twin => twin::left(Noisy("first"), Noisy("second"), text).await);
    }
}

#[test]
fn a_function_that_panics_drops_in_order() {
    let rows =
        compare!(twin => twin::panics(Noisy("first"), Noisy("second"), Noisy("third")).await);
    assert_eq!(rows, [""; 0]);
}

#[test]
fn a_future_that_is_dropped_half_way_drops_in_order() {
    for times in 0..3 {
        let rows = compare!(twin => {
            polled(times, twin::used(Noisy("first"), Noisy("second"), Noisy("third")))
        });
        assert_eq!(rows, [""; 0]);
        compare!(twin => polled(times, twin::captured(Noisy("first"), Noisy("second"), Noisy("third"))));
        compare!(twin => {
            polled(times, twin::underscored(Noisy("first"), Noisy("second"), Noisy("third"), Noisy("fourth")))
        });
        compare!(twin => {
            polled(times, twin::without_a_name(Noisy("first"), Noisy("second"), Noisy("third"), Noisy("fourth")))
        });
        compare!(twin => {
            let pair = (Noisy("left"), Noisy("right"));
            polled(times, twin::destructured(pair, trio(), [Noisy("head"), Noisy("last")], Noisy("bound")))
        });
        compare!(twin => {
            polled(times, twin::moved(Noisy("first"), Noisy("second"), Noisy("third"), Noisy("fourth"), false))
        });
        compare!(twin => polled(times, twin::partly_moved(trio(), Noisy("other"))));
    }
}

#[test]
fn self_drops_in_order() {
    for times in 0..3 {
        compare!(twin => {
            let service = twin::Service(Noisy("self"));
            polled(times, service.deploy(Noisy("other"), Noisy("third")))
        });
        compare!(twin => {
            let service = Box::new(twin::Service(Noisy("self")));
            polled(times, service.boxed(Noisy("other")))
        });
    }
}

// An argument that the body never mentions, not even as `_name`, stays outside the awaited block.
// It therefore drops after those inside. Moving it in would silence the compiler's warning that it
// is unused.
#[test]
fn an_argument_that_the_body_never_mentions_may_drop_after_the_others() {
    use crate::support::{record, watch};
    let arguments = || (Noisy("first"), Noisy("second"), Noisy("third"));
    let (first, second, third) = arguments();
    let mut plain = watch(plain::unused(first, second, third)).into_log();
    let (first, second, third) = arguments();
    let (tracked, rows) = record(tracked::unused(first, second, third));
    let mut tracked = tracked.into_log();
    assert_eq!(tracked[..2], ["touch second", "drop local"]);
    tracked.sort();
    plain.sort();
    assert_eq!(tracked, plain);
    assert_eq!(rows, ["deployment"]);
}
