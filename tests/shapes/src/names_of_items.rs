//! Functions in scope of items whose names an expansion uses: types, traits with methods on every
//! type, modules and macros.

use crate::support::tick;

/// A trait with methods on every type, named like those that an expansion may call.
trait Everywhere {
    fn success(&self) -> u8 {
        panic!("not meant")
    }
    fn add_reference_ids(&self, _: &mut u8) {
        panic!("not meant")
    }
    fn text(&self) -> u8 {
        panic!("not meant")
    }
    fn name(&self) -> u8 {
        panic!("not meant")
    }
    fn record(&self) -> u8 {
        panic!("not meant")
    }
    fn scope(&self) -> u8 {
        panic!("not meant")
    }
    #[expect(
        clippy::wrong_self_convention,
        reason = "it is named like a method of the standard library"
    )]
    fn into_future(&self) -> u8 {
        panic!("not meant")
    }
    fn unwrap_or_default(&self) -> u8 {
        panic!("not meant")
    }
    fn take(&self) -> u8 {
        panic!("not meant")
    }
}

impl<T: ?Sized> Everywhere for T {}

/// Uses the trait's methods so that they are not dead code. The test needs only the trait in scope.
fn use_them() -> usize {
    [
        u8::success,
        u8::text,
        u8::name,
        u8::record,
        u8::scope,
        u8::into_future,
        u8::unwrap_or_default,
        u8::take,
    ]
    .len()
        + size_of_val(&<u8 as Everywhere>::add_reference_ids)
}

#[allow(dead_code, non_camel_case_types, clippy::upper_case_acronyms)]
mod prelude {
    pub(super) struct Option;
    pub(super) struct Some;
    pub(super) struct None;
    pub(super) struct Ok;
    pub(super) struct Err;
    pub(super) struct Box;
    pub(super) struct String;
    pub(super) struct FnOnce;
    pub(super) struct Future;
    pub(super) struct Activity;
    pub(super) struct ActionType;
    pub(super) struct Tracker;
    pub(super) struct Context;
    pub(super) struct ReferenceIds;
    pub(super) struct bool;
    pub(super) struct str;
}

#[allow(unused_macros)]
macro_rules! format_args {
    ($($token:tt)*) => {
        compile_error!("not meant")
    };
}
#[allow(unused_macros)]
macro_rules! module_path {
    ($($token:tt)*) => {
        compile_error!("not meant")
    };
}
#[allow(unused_macros)]
macro_rules! matches {
    ($($token:tt)*) => {
        compile_error!("not meant")
    };
}

twins! {
    #[allow(unused_imports)]
    use super::prelude::*;

    pub(super) mod core {}
    pub(super) mod std {}
    pub(super) mod alloc {}
    pub(super) mod tracker_core {}

    #[tracked(action = "deployment", details = "{count} {output}", references(deployment_id = count))]
    pub(super) async fn deploy(user_id: &::std::primitive::str, count: ::std::string::String) -> Result<u8, ()> {
        tick().await;
        let _ = user_id;
        drop(count);
        ::std::result::Result::Ok(7)
    }

    #[tracked(action = "deployment", details = "{count} {output}", references(deployment_id = count))]
    pub(super) async fn not_a_result(count: ::std::string::String) -> u8 {
        tick().await;
        drop(count);
        7
    }
}

#[test]
fn items_named_like_those_of_the_expansion() {
    assert!(use_them() > 0);
    let rows = compare!(twin => {
        (twin::deploy("user_1", "a".into()).await, twin::not_a_result("b".into()).await)
    });
    assert_eq!(
        rows,
        [
            r#"deployment by user_1: a 7 {"deployment_id":"a"}"#,
            r#"deployment: b 7 {"deployment_id":"b"}"#,
        ]
    );
}
