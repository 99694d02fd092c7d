//! Lints about whole functions, as in [`lints`](crate::lints): functions that are never called or
//! badly named.

use std::future::Future;

use crate::support::tick;

twins! {
    #[tracked(action = "deployment")]
    #[expect(dead_code)]
    pub(super) async fn never_called() {
        std::future::ready(()).await;
    }

    #[tracked(action = "deployment")]
    #[expect(dead_code)]
    pub(super) fn never_called_at_once() {}

    #[tracked(action = "deployment")]
    #[expect(dead_code)]
    #[allow(clippy::manual_async_fn)]
    pub(super) fn never_called_for_a_future() -> impl Future<Output = ()> {
        async {
            tick().await;
        }
    }

    pub(super) struct Service;

    impl Service {
        #[expect(dead_code)]
        #[tracked(action = "deployment")]
        pub(super) async fn never_called(&self) {
            std::future::ready(()).await;
        }
    }

    #[tracked(action = "deployment")]
    #[expect(non_snake_case)]
    pub(super) async fn notSnakeCase() {
        tick().await;
    }
}

#[test]
fn lints_about_a_whole_function_neither_vanish_nor_appear() {
    let rows = compare!(twin => {
        let _ = twin::Service;
        twin::notSnakeCase().await;
    });
    assert_eq!(rows, ["deployment"]);
}
