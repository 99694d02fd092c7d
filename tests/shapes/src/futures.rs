//! Functions that are not `async` and return a future. The block at their end is tracked, and the
//! statements before it stay in place.

use std::{fmt::Debug, future::Future, pin::Pin};

use crate::support::{Noisy, log, polled, tick};

type Alias<T> = Pin<Box<dyn Future<Output = T>>>;

twins! {
    pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

    #[tracked(action = "deployment", details = "{image} {output}")]
    pub(super) fn boxed(image: &str) -> Pin<Box<dyn Future<Output = usize> + Send + '_>> {
        Box::pin(async move {
            tick().await;
            image.len()
        })
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn with_statements_before(user_id: &str, count: u8) -> Pin<Box<dyn Future<Output = Result<u8, String>> + '_>> {
        log("statement");
        let doubled = count * 2;
        let noisy = Noisy("kept");
        Box::pin(async move {
            noisy.touch();
            tick().await;
            if doubled > 10 {
                return Err(format!("{user_id} {doubled}"));
            }
            Ok(doubled)
        })
    }

    #[tracked(action = "deployment", details = "{output:?}")]
    pub(super) fn with_a_path(count: u8) -> ::core::pin::Pin<::std::boxed::Box<dyn Future<Output = Option<u8>> + Send>> {
        ::std::boxed::Box::pin(async move {
            tick().await;
            Some(count).filter(|count| *count > 0)
        })
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn aliased<'a>(image: &'a str, other: &'a str) -> Boxed<'a, String> {
        Box::pin(async move {
            tick().await;
            format!("{image}{other}")
        })
    }

    #[tracked(action = "deployment", details = "{image} {output}")]
    pub(super) fn opaque(image: String) -> impl Future<Output = usize> + Send {
        log("statement");
        async move {
            tick().await;
            image.len()
        }
    }

    // The block is not `move`: it borrows from its function's borrows. Clippy would suggest an
    // `async fn`.
    #[tracked(action = "deployment", details = "{output}")]
    #[allow(clippy::elidable_lifetime_names, clippy::manual_async_fn)]
    pub(super) fn borrowing<'a>(user_id: &'a str) -> impl Future<Output = usize> + use<'a> {
        async {
            tick().await;
            user_id.len()
        }
    }

    // The return type is an alias, so the block's type is not spelled anywhere.
    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn under_an_alias(text: String) -> Alias<Result<u8, std::num::ParseIntError>> {
        Box::pin(async move {
            tick().await;
            let parsed = text.parse()?;
            Ok(parsed)
        })
    }

    #[tracked(action = "deployment", details = "{output:?}")]
    pub(super) fn generic<T: Clone + Debug + Send + Sync>(value: &T) -> impl Future<Output = Vec<T>> + Send + use<'_, T> {
        let copy = value.clone();
        async move {
            tick().await;
            vec![copy, value.clone()]
        }
    }

    pub(super) struct Service {
        pub(super) region: String,
    }

    impl Service {
        #[tracked(action = "deployment", user = self.region, details = "{output}")]
        pub(super) fn boxed<'a>(&'a self, image: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
            let region = self.region.len();
            Box::pin(async move {
                tick().await;
                region + image.len() + self.region.len()
            })
        }

        #[tracked(action = "deployment", details = "{output}")]
        pub(super) fn exclusive(&mut self) -> impl Future<Output = &str> + Send {
            self.region.push('!');
            async move {
                tick().await;
                self.region.push('?');
                &*self.region
            }
        }
    }

    pub(super) trait Deploy {
        fn deploy<'a>(&'a self, image: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>>;

        fn region(&self) -> impl Future<Output = String> + Send;
    }

    impl Deploy for Service {
        #[tracked(action = "deployment", details = "{image}")]
        fn deploy<'a>(&'a self, image: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
            Box::pin(async move {
                log("body");
                self.boxed(image).await
            })
        }

        #[tracked(action = "deployment", details = "{output}")]
        fn region(&self) -> impl Future<Output = String> + Send {
            let region = self.region.clone();
            async {
                tick().await;
                region
            }
        }
    }
}

#[test]
fn a_boxed_future() {
    let rows = compare!(twin => (twin::boxed("api").await, twin::aliased("a", "b").await));
    assert_eq!(rows, ["deployment: api 3", "deployment: ab"]);
    let rows = compare!(twin => (twin::with_a_path(1).await, twin::with_a_path(0).await));
    assert_eq!(rows, ["deployment: Some(1)", "deployment: None"]);
}

#[test]
fn statements_before_the_block_are_kept() {
    let rows = compare!(twin => twin::with_statements_before("user_1", 2).await);
    assert_eq!(rows, ["deployment by user_1: 4"]);
    let rows = compare!(twin => twin::with_statements_before("user_1", 6).await);
    assert_eq!(rows, [""; 0]);
}

#[test]
fn statements_before_the_block_run_at_the_call_and_what_they_made_drops_with_the_future() {
    let rows = compare!(twin => {
        let future = twin::with_statements_before("user_1", 2);
        log("called");
        polled(0, future);
        polled(1, twin::with_statements_before("user_1", 2))
    });
    assert_eq!(rows, [""; 0]);
}

#[test]
fn an_opaque_future() {
    let rows =
        compare!(twin => (twin::opaque("api".into()).await, twin::borrowing("user_1").await));
    assert_eq!(rows, ["deployment: api 3", "deployment by user_1: 6"]);
    let rows = compare!(twin => twin::generic(&7).await);
    assert_eq!(rows, ["deployment: [7, 7]"]);
}

#[test]
fn a_future_whose_type_has_another_name() {
    let rows = compare!(twin => {
        let failed = twin::under_an_alias("seven".to_owned()).await.is_err();
        (failed, twin::under_an_alias("7".to_owned()).await.ok())
    });
    assert_eq!(rows, ["deployment: 7"]);
}

#[test]
fn a_method_that_returns_a_future() {
    use self::{plain::Deploy as _, tracked::Deploy as _};
    let rows = compare!(twin => {
        let mut service = twin::Service { region: "eu".into() };
        let longer = service.exclusive().await.len();
        (longer, service.boxed("api").await, service.deploy("api").await, service.region().await)
    });
    assert_eq!(
        rows,
        [
            "deployment: eu!?",
            "deployment by eu!?: 11",
            "deployment by eu!?: 11",
            "deployment: api",
            "deployment: eu!?",
        ]
    );
}
