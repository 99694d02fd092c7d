//! Type and const parameters, `where` clauses, `impl Trait` and `?Sized`.

use std::fmt::{Debug, Display};

use tracker_core::{ActionSet, ActionType};

use crate::support::tick;

pub(super) trait Deploys {
    type Action: ActionSet;
    const ACTION: Self::Action;
}

impl Deploys for u8 {
    type Action = ActionType;
    const ACTION: ActionType = ActionType::GithubPush;
}

twins! {
    pub(super) struct Deployer<D>(pub(super) D);

    // The item that registers the function can't name the parameter of the `impl`.
    impl<D: Deploys> Deployer<D> {
        #[tracked(action = D::ACTION)]
        pub(super) async fn deploy(&self) {
            tick().await;
        }
    }

    #[tracked(action = "deployment", user = user, details = "{words:?} {output}")]
    pub(super) async fn types_and_constants<U, W, const N: usize>(user: &U, words: [W; N]) -> String
    where
        U: Display + ?Sized,
        W: Into<String> + Debug,
    {
        tick().await;
        let _ = user;
        words.map(Into::into).join("-")
    }

    #[tracked(action = "deployment", details = "{value} {output}")]
    pub(super) async fn arguments_of_some_type(value: impl Display + Clone, convert: impl AsyncFn(u8) -> u8) -> u8 {
        tick().await;
        drop(value);
        convert(7).await
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn returns_some_type(value: u8) -> impl Display + Debug {
        tick().await;
        value
    }

    #[tracked(action = "deployment", details("{}", output.0))]
    pub(super) async fn returns_some_types(values: &[u8]) -> (usize, impl Iterator<Item = u8> + use<'_>) {
        tick().await;
        (values.len(), values.iter().map(|value| value * 2))
    }

    #[tracked(action = "deployment")]
    pub(super) async fn returns_some_type_or_fails(fail: bool) -> Result<impl Debug, impl Debug> {
        tick().await;
        if fail { Err("failed") } else { Ok(Some(7)) }
    }

    #[tracked(action = "deployment", details("{}", output.len()))]
    pub(super) async fn returns_a_closure(add: u8) -> Vec<impl Fn(u8) -> u8> {
        tick().await;
        vec![move |value| value + add]
    }

    #[tracked(action = "deployment", details("{}", (*value).to_string()))]
    pub(super) async fn of_any_size<T: ToString + ?Sized>(value: &T) -> String {
        tick().await;
        value.to_string()
    }

    #[tracked(action = "deployment", details("{} {output:?}", N))]
    pub(super) async fn only_constants<const N: usize, const FLAG: bool>() -> [bool; N] {
        tick().await;
        [FLAG; N]
    }

    // The return type is known from the call alone.
    #[tracked(action = "deployment", details = "{text}")]
    pub(super) async fn returns_what_the_caller_wants<T: std::str::FromStr>(text: &str) -> Result<T, T::Err> {
        tick().await;
        text.parse()
    }

    pub(super) struct Pair<A, B = u8>(pub(super) A, pub(super) B);

    impl<A: Display, B> Pair<A, B>
    where
        B: Copy + Into<u64>,
    {
        #[tracked(action = "deployment", details = "{self.0} {output}")]
        pub(super) async fn add<C: Into<u64>>(&self, other: C) -> u64 {
            tick().await;
            self.1.into() + other.into()
        }
    }
}

#[test]
fn type_and_const_parameters_with_where_clauses() {
    let rows = compare!(twin => twin::types_and_constants("user_1", ["a", "b"]).await);
    assert_eq!(rows, [r#"deployment by user_1: ["a", "b"] a-b"#]);
    let rows = compare!(twin => twin::only_constants::<2, true>().await);
    assert_eq!(rows, ["deployment: 2 [true, true]"]);
    let rows = compare!(twin => twin::Pair("a", 7_u8).add(1_u32).await);
    assert_eq!(rows, ["deployment: a 8"]);
}

#[test]
fn an_action_of_the_parameter_of_the_impl() {
    let rows = compare!(twin => twin::Deployer(7_u8).deploy().await);
    assert_eq!(rows, ["github_push"]);
}

#[test]
fn arguments_and_returns_of_some_type() {
    let rows = compare!(twin => {
        let converted = twin::arguments_of_some_type("a", async |value| value + 1).await;
        (converted, format!("{:?}", twin::returns_some_type(7).await))
    });
    assert_eq!(rows, ["deployment: a 8", "deployment: 7"]);
    let rows = compare!(twin => {
        let (count, doubled) = twin::returns_some_types(&[1, 2]).await;
        (count, doubled.sum::<u8>(), twin::returns_a_closure(1).await[0](2))
    });
    assert_eq!(rows, ["deployment: 2", "deployment: 1"]);
    let rows = compare!(twin => {
        let fails = format!("{:?}", twin::returns_some_type_or_fails(true).await);
        (fails, format!("{:?}", twin::returns_some_type_or_fails(false).await))
    });
    assert_eq!(rows, ["deployment"]);
}

#[test]
fn values_without_a_known_size() {
    let rows = compare!(twin => twin::of_any_size("text").await);
    assert_eq!(rows, ["deployment: text"]);
    let rows = compare!(twin => {
        let value: &dyn ToString = &7;
        twin::of_any_size(value).await
    });
    assert_eq!(rows, ["deployment: 7"]);
}

#[test]
fn a_return_type_that_the_caller_chooses() {
    let rows = compare!(twin => {
        let failed = twin::returns_what_the_caller_wants::<u8>("seven").await;
        (failed, twin::returns_what_the_caller_wants::<u8>("7").await)
    });
    assert_eq!(rows, ["deployment: 7"]);
}
