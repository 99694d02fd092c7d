//! The order in which a synchronous function drops its arguments and locals.

use crate::support::{Noisy, log};

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
    #[tracked(action = "deployment", user = first, details = "{second}")]
    pub(super) fn used(first: Noisy, second: Noisy, third: Noisy) {
        let _local = Noisy("local");
        second.touch();
        let another = Noisy("another");
        third.touch();
        another.touch();
        first.touch();
    }

    #[tracked(action = "deployment")]
    #[expect(let_underscore_drop)]
    pub(super) fn underscored(first: Noisy, _second: Noisy, _: Noisy, fourth: Noisy) {
        let _local = Noisy("local");
        let _ = Noisy("at once");
        fourth.touch();
        first.touch();
    }

    #[tracked(action = "deployment")]
    #[allow(clippy::toplevel_ref_arg)]
    pub(super) fn destructured((first, _): (Noisy, Noisy), Trio { second, .. }: Trio, ref bound: Noisy) {
        let _local = Noisy("local");
        bound.touch();
        second.touch();
        first.touch();
    }

    #[tracked(action = "deployment")]
    pub(super) fn moved(first: Noisy, second: Noisy, third: Noisy, early: bool) -> Noisy {
        drop(second);
        if early {
            return third;
        }
        let first = first;
        let closure = move || third.touch();
        closure();
        first
    }

    #[tracked(action = "deployment")]
    pub(super) fn partly_moved(trio: Trio, other: Noisy) -> Noisy {
        other.touch();
        trio.second
    }

    #[tracked(action = "deployment")]
    pub(super) fn left(first: Noisy, second: Noisy, text: &str) -> Result<u8, std::num::ParseIntError> {
        let _local = Noisy("local");
        let number = text.parse()?;
        let _late = Noisy("late");
        second.touch();
        first.touch();
        Ok(number)
    }

    #[tracked(action = "deployment")]
    pub(super) fn panics(first: Noisy, _second: Noisy, third: Noisy) {
        let _local = Noisy("local");
        third.touch();
        first.touch();
        panic!("expected by this test");
    }

    #[tracked(action = "deployment")]
    #[expect(unused_variables)]
    pub(super) fn unused(first: Noisy, second: Noisy, third: Noisy) {
        let _local = Noisy("local");
        second.touch();
    }

    pub(super) struct Service(pub(super) Noisy);

    impl Service {
        #[tracked(action = "deployment", user = self.0, details = "{other}")]
        pub(super) fn deploy(self, other: Noisy, _third: Noisy) {
            log("body");
            other.touch();
            self.0.touch();
        }
    }
}

#[test]
fn arguments_and_locals_of_a_synchronous_function_drop_in_order() {
    let rows = compare!(twin => twin::used(Noisy("first"), Noisy("second"), Noisy("third")));
    assert_eq!(rows, ["deployment by first: second"]);
    compare!(twin => twin::underscored(Noisy("first"), Noisy("second"), Noisy("third"), Noisy("fourth")));
    compare!(twin => twin::destructured((Noisy("left"), Noisy("right")), trio(), Noisy("bound")));
    compare!(twin => twin::Service(Noisy("self")).deploy(Noisy("other"), Noisy("third")));
}

#[test]
fn moved_arguments_of_a_synchronous_function_drop_where_they_went() {
    for early in [false, true] {
        compare!(twin => {
            let trio = trio();
            twin::moved(trio.first, trio.second, trio.third, early)
        });
    }
    compare!(twin => twin::partly_moved(trio(), Noisy("other")));
}

#[test]
fn a_synchronous_function_that_is_left_or_panics_drops_in_order() {
    for text in ["seven", "7"] {
        compare!(twin => twin::left(Noisy("first"), Noisy("second"), text));
    }
    let rows = compare!(twin => twin::panics(Noisy("first"), Noisy("second"), Noisy("third")));
    assert_eq!(rows, [""; 0]);
}

// An argument that the body never mentions stays outside and drops after those inside, like in an
// async function.
#[test]
fn an_argument_that_a_synchronous_body_never_mentions_may_drop_after_the_others() {
    use crate::support::{record, watch};
    let mut plain = watch(async {
        plain::unused(Noisy("first"), Noisy("second"), Noisy("third"));
    })
    .into_log();
    let (tracked, rows) = record(async {
        tracked::unused(Noisy("first"), Noisy("second"), Noisy("third"));
    });
    let mut tracked = tracked.into_log();
    assert_eq!(tracked[..2], ["touch second", "drop local"]);
    tracked.sort();
    plain.sort();
    assert_eq!(tracked, plain);
    assert_eq!(rows, ["deployment"]);
}
