//! A tracked future is hardly larger than the plain one, and hardly harder to compile.

use std::future::Future;

use crate::support::tick;

twins! {
    #[tracked(action = "deployment", details = "{output}", references(deployment_id = output))]
    pub(super) async fn one_level(user_id: &str, request_id: &str, project_id: &str) -> usize {
        let held = [7_u8; 256];
        tick().await;
        user_id.len() + request_id.len() + project_id.len() + held.len()
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn two_levels(user_id: &str, request_id: &str, project_id: &str) -> usize {
        one_level(user_id, request_id, project_id).await
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn three_levels(user_id: &str, request_id: &str, project_id: &str) -> usize {
        two_levels(user_id, request_id, project_id).await
    }

    // Each function awaits the next one.
    macro_rules! chain {
        ($name:ident) => {
            #[tracked(action = "deployment", details = "{user_id}")]
            pub(super) async fn $name(user_id: &str) -> usize {
                tick().await;
                user_id.len()
            }
        };
        ($name:ident $next:ident $($rest:ident)*) => {
            #[tracked(action = "deployment", details = "{user_id}")]
            pub(super) async fn $name(user_id: &str) -> usize {
                $next(user_id).await + 1
            }
            chain!($next $($rest)*);
        };
    }
    chain! {
        a01 a02 a03 a04 a05 a06 a07 a08 a09 a10 a11 a12 a13 a14 a15 a16
    }
}

/// The maximum number of bytes that the attribute may add for each level, if all arguments are
/// borrowed.
const BYTES_MAX: usize = 96;

#[test]
fn a_future_with_borrowed_arguments_hardly_grows() {
    fn grown<T, U>(levels: usize, plain: &T, tracked: &U) {
        let (plain, tracked) = (size_of_val(plain), size_of_val(tracked));
        assert!(
            tracked <= plain + levels * BYTES_MAX,
            "{levels} levels: {plain} bytes plain, {tracked} tracked"
        );
    }
    grown(
        1,
        &plain::one_level("", "", ""),
        &tracked::one_level("", "", ""),
    );
    grown(
        2,
        &plain::two_levels("", "", ""),
        &tracked::two_levels("", "", ""),
    );
    grown(
        3,
        &plain::three_levels("", "", ""),
        &tracked::three_levels("", "", ""),
    );
    let rows = compare!(twin => twin::three_levels("u", "r", "p").await);
    assert_eq!(rows.len(), 3);
}

/// The compiler follows nested futures up to a depth of 128. This is some 40 plain functions, and
/// half as many tracked ones: each awaits a block of its own, without a wrapper around it.
#[test]
fn sixteen_tracked_functions_in_one_another_stay_within_the_compilers_limit() {
    fn require_send<T>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
        future
    }
    let rows = compare!(twin => require_send(twin::a01("user_1")).await);
    assert_eq!(rows.len(), 16);
}
