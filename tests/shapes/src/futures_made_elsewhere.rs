//! Functions that return a boxed future without an async block at their end. The future comes from
//! a call, a variable or an early `return`, and is recorded when it has run.

use std::{future::Future, pin::Pin};

use crate::support::{Noisy, log, polled, tick};

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

fn count(text: &str) -> BoxFuture<'_, Result<usize, String>> {
    Box::pin(async move {
        tick().await;
        if text.is_empty() {
            return Err("nothing".to_owned());
        }
        Ok(text.len())
    })
}

twins! {
    #[tracked(action = "deployment", details = "{image} {output}")]
    pub(super) fn called(image: &str) -> Pin<Box<dyn Future<Output = Result<usize, String>> + Send + '_>> {
        log("statement");
        count(image)
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn left_early(user_id: &str, image: &str) -> BoxFuture<'static, usize> {
        let length = user_id.len();
        if image.is_empty() {
            return Box::pin(async { 0 });
        }
        Box::pin(async move {
            tick().await;
            length
        })
    }

    #[tracked(action = "deployment", record = "always", details = "{image}")]
    pub(super) fn always(image: &str) -> BoxFuture<'_, Result<usize, String>> {
        log("statement");
        count(image)
    }

    #[tracked(action = "deployment", durable, details = "{output}")]
    pub(super) fn chosen(first: bool) -> Pin<Box<dyn Future<Output = u8>>> {
        if first { Box::pin(async { 1 }) } else { Box::pin(std::future::ready(2)) }
    }

    #[tracked(action = "deployment", details = "{first}")]
    pub(super) fn dropping(first: Noisy, (second, _): (Noisy, Noisy), _: Noisy, last: Noisy) -> Pin<Box<dyn Future<Output = ()>>> {
        let local = Noisy("local");
        last.touch();
        let future = async move {
            tick().await;
            first.touch();
            local.touch();
        };
        second.touch();
        Box::pin(future)
    }

    #[tracked(action = "deployment")]
    #[track_caller]
    pub(super) fn seeing_its_caller(length: usize) -> Pin<Box<dyn Future<Output = bool>>> {
        let caller = std::panic::Location::caller();
        Box::pin(std::future::ready(caller.file().len() == length))
    }

    pub(super) struct Service {
        pub(super) region: String,
    }

    impl Service {
        #[tracked(action = "deployment", user = self.region, details = "{output}")]
        pub(super) fn deploy<'a>(&'a mut self, image: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
            self.region.push('!');
            let future = async move { self.region.len() + image.len() };
            Box::pin(future)
        }
    }
}

#[test]
fn a_boxed_future_from_a_call_or_a_variable() {
    let rows = compare!(twin => (twin::called("api").await, twin::called("").await));
    assert_eq!(rows, ["deployment: api 3"]);
    let rows = compare!(twin => (twin::chosen(true).await, twin::chosen(false).await));
    assert_eq!(rows, ["deployment: 1", "deployment: 2"]);
    let rows = compare!(twin => twin::always("api").await);
    assert_eq!(rows, ["deployment: api"]);
    let rows = compare!(twin => {
        let mut service = twin::Service { region: "eu".into() };
        service.deploy("api").await
    });
    assert_eq!(rows, ["deployment by eu: 6"]);
}

#[test]
fn a_boxed_future_that_is_returned_early() {
    let rows = compare!(twin => (twin::left_early("user_1", "").await, twin::left_early("user_2", "api").await));
    assert_eq!(rows, ["deployment by user_1: 0", "deployment by user_2: 6"]);
}

#[test]
fn arguments_of_a_function_that_makes_a_future_drop_in_order() {
    let pair = || (Noisy("left"), Noisy("right"));
    for times in 0..3 {
        compare!(twin => {
            let future = twin::dropping(Noisy("first"), pair(), Noisy("unnamed"), Noisy("last"));
            log("called");
            polled(times, future)
        });
    }
}

#[test]
fn a_function_that_makes_a_future_sees_its_caller() {
    let rows = compare!(twin => twin::seeing_its_caller(file!().len()).await);
    assert_eq!(rows, ["deployment"]);
}
