//! Other attributes above and below `#[tracked]`.

use std::{future::Future, pin::Pin};

use crate::support::{Noisy, log, record, tick, watch};

twins! {
    #[tracked(action = "deployment", details = "{image} {output}")]
    #[tracing::instrument]
    pub(super) async fn above_instrument(user_id: &str, image: String) -> Result<usize, std::fmt::Error> {
        tick().await;
        Ok(user_id.len() + image.len())
    }

    #[tracing::instrument(skip(image), fields(length = image.0.len()), err, ret, level = "debug")]
    #[tracked(action = "deployment", details = "{image} {output}")]
    pub(super) async fn below_instrument(user_id: &str, image: Noisy) -> Result<usize, std::fmt::Error> {
        tick().await;
        image.touch();
        Ok(user_id.len())
    }

    // The signature stays unchanged for the other attribute to read.
    #[tracked(action = "deployment")]
    #[tracing::instrument(skip(first))]
    pub(super) async fn patterns_above_instrument((first, _): (Noisy, Noisy), _: Noisy, count: u8) -> u8 {
        tick().await;
        first.touch();
        count
    }

    #[tracked(action = "deployment", details = "{image} {output}")]
    #[tracing::instrument(ret)]
    pub(super) fn above_instrument_at_once(image: String) -> usize {
        image.len()
    }

    #[tracing::instrument(skip_all)]
    #[tracked(action = "deployment", details = "{image} {output}")]
    pub(super) fn below_instrument_at_once(image: String) -> usize {
        image.len()
    }

    #[tracked(action = "deployment", details = "{output}")]
    #[tracing::instrument]
    pub(super) fn future_above_instrument(user_id: &'static str) -> Pin<Box<dyn Future<Output = usize> + Send>> {
        log("statement");
        Box::pin(async move {
            tick().await;
            user_id.len()
        })
    }

    #[tracing::instrument]
    #[tracked(action = "deployment", details = "{output}")]
    pub(super) fn future_below_instrument(user_id: &'static str) -> Pin<Box<dyn Future<Output = usize> + Send>> {
        log("statement");
        Box::pin(async move {
            tick().await;
            user_id.len()
        })
    }

    #[tracked(action = "deployment", details = "{output}")]
    #[inline]
    #[must_use]
    #[cfg_attr(all(), allow(clippy::let_and_return))]
    #[doc(hidden)]
    #[doc = concat!("Documented", " in two ways.")]
    /// Documented.
    pub(super) async fn above_all(user_id: &str) -> usize {
        tick().await;
        let length = user_id.len();
        length
    }

    /// Documented.
    ///
    /// At length.
    #[doc(hidden)]
    #[cfg_attr(all(), allow(clippy::let_and_return))]
    #[must_use]
    #[inline(never)]
    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn below_all(user_id: &str) -> usize {
        tick().await;
        let length = user_id.len();
        length
    }

    #[cold]
    #[must_use = "it is the length"]
    #[tracked(action = "deployment", details = "{output}")]
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub(super) fn between(user_id: &str) -> usize {
        log("body");
        user_id.len()
    }

    #[cfg_attr(all(), tracked(action = "deployment", details = "{output}"))]
    pub(super) async fn conditional(user_id: &str) -> usize {
        tick().await;
        user_id.len()
    }

    #[cfg_attr(any(), tracked(action = "deployment", details = "{output}"))]
    pub(super) async fn conditionally_not(user_id: &str) -> usize {
        tick().await;
        user_id.len()
    }

    #[cfg(all())]
    #[tracked(action = "deployment", details = "{output}")]
    #[cfg(not(any()))]
    pub(super) async fn configured(user_id: &str) -> usize {
        tick().await;
        user_id.len()
    }

    #[tracked(action = "deployment", details = "{output}")]
    #[cfg(any())]
    pub(super) async fn configured(user_id: Absent) -> Absent {}

    #[tracked(action = "deployment", details = "upper {output}")]
    #[tracked(action = "github_push", details = "lower {output}")]
    pub(super) async fn twice(user_id: &str) -> usize {
        tick().await;
        user_id.len()
    }

    #[tracked(action = "deployment", details = "upper {output}")]
    #[tracked(action = "github_push", details = "lower {output}")]
    pub(super) fn twice_at_once(user_id: &str) -> usize {
        log("body");
        user_id.len()
    }
}

#[test]
fn together_with_instrument_above_and_below() {
    let rows = compare!(twin => {
        let above = twin::above_instrument("user_1", "api".into()).await;
        (above, twin::below_instrument("user_2", Noisy("api")).await)
    });
    assert_eq!(
        rows,
        ["deployment by user_1: api 9", "deployment by user_2: api 6"]
    );
    let rows = compare!(twin => {
        (twin::above_instrument_at_once("api".into()), twin::below_instrument_at_once("worker".into()))
    });
    assert_eq!(rows, ["deployment: api 3", "deployment: worker 6"]);
}

#[test]
fn what_no_name_is_bound_to_may_drop_last_above_another_attribute() {
    let arguments = || ((Noisy("first"), Noisy("rest")), Noisy("unnamed"));
    let (pair, unnamed) = arguments();
    let mut plain = watch(plain::patterns_above_instrument(pair, unnamed, 7)).into_log();
    let (pair, unnamed) = arguments();
    let (tracked, rows) = record(tracked::patterns_above_instrument(pair, unnamed, 7));
    let mut tracked = tracked.into_log();
    assert_eq!(tracked[..2], ["touch first", "drop first"]);
    plain.sort();
    tracked.sort();
    assert_eq!(tracked, plain);
    assert_eq!(rows, ["deployment"]);
}

#[test]
fn a_future_that_is_returned_together_with_instrument_above_and_below() {
    let rows = compare!(twin => {
        let above = twin::future_above_instrument("user_1").await;
        (above, twin::future_below_instrument("user_2").await)
    });
    assert_eq!(rows, ["deployment by user_1: 6", "deployment by user_2: 6"]);
}

#[test]
fn together_with_attributes_of_the_language_above_and_below() {
    let rows = compare!(twin => {
        (twin::above_all("user_1").await, twin::below_all("user_2").await, twin::between("user_3"))
    });
    assert_eq!(
        rows,
        [
            "deployment by user_1: 6",
            "deployment by user_2: 6",
            "deployment by user_3: 6"
        ]
    );
}

#[test]
fn together_with_cfg_and_cfg_attr() {
    let rows = compare!(twin => {
        let both = (twin::conditional("user_1").await, twin::conditionally_not("user_2").await);
        (both, twin::configured("user_3").await)
    });
    assert_eq!(rows, ["deployment by user_1: 6", "deployment by user_3: 6"]);
}

// The upper attribute is expanded first, so its recording is inside the lower one's.
#[test]
fn together_with_itself() {
    let rows = compare!(twin => (twin::twice("user_1").await, twin::twice_at_once("user_2")));
    assert_eq!(
        rows,
        [
            "deployment by user_1: upper 6",
            "github_push by user_1: lower 6",
            "deployment by user_2: upper 6",
            "github_push by user_2: lower 6",
        ]
    );
}
