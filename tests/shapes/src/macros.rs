//! Functions that macros generate, in whole or in part, and macros in bodies.

use std::future::Future;

use crate::support::{log, tick};

macro_rules! seven {
    () => {
        7
    };
}

macro_rules! block_after_tick {
    ($($body:tt)*) => {{
        tick().await;
        $($body)*
    }};
}

twins! {
    // The macro generates the whole function.
    macro_rules! function {
        ($name:ident, $action:literal, $details:literal) => {
            #[tracked(action = $action, details = $details)]
            pub(super) async fn $name(user_id: &str, count: u8) -> u8 {
                tick().await;
                count + u8::from(user_id.is_empty())
            }
        };
    }
    function!(first, "deployment", "{count} {output}");
    function!(second, "github_push", "{user_id}");

    // The macro passes the function's parts as fragments of every kind. Some reach the attribute in
    // invisible delimiters.
    macro_rules! of_fragments {
        ($(#[$attribute:meta])* $vis:vis $name:ident ($argument:ident: $argument_type:ty) -> $output:ty, $value:expr, $user:expr, $action:path) => {
            $(#[$attribute])*
            #[tracked(action = $action, user = $user, details("{} {output}", $value))]
            $vis async fn $name($argument: $argument_type) -> $output {
                tick().await;
                $value
            }
        };
    }
    of_fragments!(
        #[doc = "Documented."]
        pub(super) fragments(number: u8) -> u8,
        number + 1,
        number,
        ::tracker_core::ActionType::GithubPush
    );
    of_fragments!(
        #[inline]
        pub(super) reference_fragments(name: &str) -> usize,
        name.len() + 1,
        name,
        ::tracker_core::ActionType::GithubPush
    );

    // The macro passes the body as statements.
    macro_rules! with_body {
        ($name:ident ($user_id:ident), $($body:tt)*) => {
            #[tracked(action = "deployment", user = $user_id, details = "{output}")]
            pub(super) async fn $name($user_id: &str) -> usize { $($body)* }
        };
    }
    with_body!(statements(user_id), tick().await; user_id.len());

    // The macro passes the item itself, as a fragment and as tokens.
    macro_rules! item {
        ($item:item) => {
            $item
        };
    }
    item! {
        #[tracked(action = "deployment", details = "{count}")]
        pub(super) async fn whole_item(count: u8) -> u8 {
            tick().await;
            count
        }
    }
    macro_rules! tracked_item {
        ($item:item) => {
            #[tracked(action = "deployment", details = "{count}")]
            $item
        };
    }
    tracked_item! {
        #[inline]
        pub(super) async fn item_in_invisible_delimiters(count: u8) -> u8 {
            tick().await;
            count
        }
    }

    // The body has locals of the macro's own hygiene, which must not collide with the attribute's.
    macro_rules! hygienic {
        ($name:ident, $result:ident) => {
            #[tracked(action = "deployment", details = "{output}")]
            pub(super) async fn $name($result: u8) -> u8 {
                let result = 1;
                tick().await;
                let output = $result + result;
                output + $result
            }
        };
    }
    hygienic!(hygiene, result);

    // One macro generates methods for several types.
    pub(super) trait Count {
        fn count(&self) -> impl Future<Output = usize>;
    }
    macro_rules! methods {
        ($($type:ty)*) => {
            $(impl Count for $type {
                #[tracked(action = "deployment", details("{} {output}", stringify!($type)))]
                async fn count(&self) -> usize {
                    tick().await;
                    size_of::<Self>()
                }
            })*
        };
    }
    methods!(u8 u16 [u8; 3]);

    #[tracked(action = "deployment", details("{} {output}", seven!()))]
    pub(super) async fn macros_in_the_body(text: &str) -> usize {
        assert!(!text.is_empty(), "it is {text:?}");
        let mut values = vec![seven!(); 2];
        values.push(first(text, 1).await.into());
        let [first, second, _] = values[..] else {
            unreachable!()
        };
        if matches!(first, 7) {
            log(format_args!("{text} {second}"));
        }
        let waited: usize = block_after_tick! { text.len() + first };
        waited
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn a_macro_is_the_body(count: u8) -> u8 {
        block_after_tick! {
            if count == 0 {
                return 9;
            }
            count
        }
    }
}

#[test]
fn functions_that_a_macro_makes() {
    let rows = compare!(twin => (twin::first("user_1", 1).await, twin::second("user_2", 2).await));
    assert_eq!(
        rows,
        ["deployment by user_1: 1 1", "github_push by user_2: user_2"]
    );
    let rows = compare!(twin => (twin::fragments(1).await, twin::reference_fragments("a").await));
    assert_eq!(rows, ["github_push by 1: 2 2", "github_push by a: 2 2"]);
    let rows =
        compare!(twin => (twin::whole_item(1).await, twin::item_in_invisible_delimiters(2).await));
    assert_eq!(rows, ["deployment: 1", "deployment: 2"]);
}

#[test]
fn bodies_that_come_from_a_macro() {
    let rows = compare!(twin => twin::statements("user_2").await);
    assert_eq!(rows, ["deployment by user_2: 6"]);
    let rows =
        compare!(twin => (twin::a_macro_is_the_body(0).await, twin::a_macro_is_the_body(1).await));
    assert_eq!(rows, ["deployment: 9", "deployment: 1"]);
}

#[test]
fn a_macros_hygiene_stays() {
    let rows = compare!(twin => twin::hygiene(3).await);
    assert_eq!(rows, ["deployment: 7"]);
}

#[test]
fn methods_that_a_macro_makes() {
    let rows = compare!(twin => {
        (twin::Count::count(&0_u8).await, twin::Count::count(&0_u16).await, twin::Count::count(&[0_u8; 3]).await)
    });
    assert_eq!(
        rows,
        [
            "deployment: u8 1",
            "deployment: u16 2",
            "deployment: [u8; 3] 3"
        ]
    );
}

#[test]
fn macros_in_the_body_and_in_the_attribute() {
    let rows = compare!(twin => twin::macros_in_the_body("text").await);
    assert_eq!(rows, ["deployment by text: 1 1", "deployment: 7 11"]);
    let rows = compare!(twin => twin::macros_in_the_body("").await);
    assert_eq!(rows, [""; 0]);
}
