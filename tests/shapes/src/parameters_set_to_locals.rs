//! Parameters that are or hold references, and that an async function assigns to values of its own.

use std::{borrow::Cow, fmt::Debug, io::Write, str::Chars};

use crate::support::{Noisy, log, polled, tick};

#[derive(Debug)]
pub(crate) struct Slice<'a, T>(&'a [T]);

twins! {
    #[tracked(action = "deployment", details = "{region} {output}")]
    pub(super) async fn recorded(mut region: &str) -> usize {
        let fallback = String::from("eu-west");
        if region.is_empty() {
            region = &fallback;
        }
        tick().await;
        region.len()
    }

    #[tracked(action = "queries_executed", record = "always", project = input.len())]
    pub(super) async fn always(mut input: &[u8]) -> usize {
        let stripped: Vec<u8> = input.iter().copied().filter(|byte| *byte != b'\r').collect();
        input = &stripped;
        tick().await;
        input.split(|byte| *byte == b'\n').count()
    }

    #[tracked(action = "deployment", user = user_id)]
    pub(super) async fn optional(user_id: Option<&str>, mut tag: Option<&str>) -> usize {
        let now = user_id.unwrap_or("none").to_owned();
        if tag.is_none() {
            tag = Some(&now);
        }
        tick().await;
        tag.map_or(0, str::len)
    }

    #[tracked(action = "deployment")]
    pub(super) async fn exclusive(mut out: &mut dyn Write, dry_run: bool) -> std::io::Result<()> {
        let mut sink = Vec::new();
        if dry_run {
            out = &mut sink;
        }
        tick().await;
        out.write_all(b"x")
    }

    #[tracked(action = "deployment")]
    pub(super) async fn with_a_lifetime(mut rest: Chars<'_>, mut text: Cow<'_, str>) -> String {
        let own = text.to_uppercase();
        if rest.as_str().is_empty() {
            rest = own.chars();
        }
        if text.is_empty() {
            text = Cow::Borrowed(&own);
        }
        tick().await;
        rest.chain(text.chars()).collect()
    }

    #[tracked(action = "deployment", details = "{values:?}")]
    #[allow(clippy::elidable_lifetime_names)]
    pub(super) async fn generic<'a, T: Clone + Debug>(mut values: &'a [T], mut part: Slice<'a, T>, mut owned: T) -> (usize, T) {
        let own = vec![owned.clone(), owned.clone()];
        if values.is_empty() {
            values = &own;
        }
        if let [first, _] = part.0 {
            owned = first.clone();
            part = Slice(&own);
        }
        tick().await;
        (values.len() + part.0.len(), owned)
    }

    #[tracked(action = "deployment")]
    pub(super) async fn in_patterns((mut first, _): (&str, Noisy), Slice(mut rest): Slice<'_, u8>, last: Noisy) -> usize {
        let (name, bytes) = (first.repeat(2), rest.repeat(2));
        first = &name;
        rest = &bytes;
        tick().await;
        last.touch();
        first.len() + rest.len()
    }

    #[tracked(action = "deployment", details = "{first} {rest:?}")]
    pub(super) async fn in_recorded_patterns((mut first, second): (&str, u8), Slice(mut rest): Slice<'_, u8>) -> usize {
        let (name, bytes) = (first.repeat(2), rest.repeat(2));
        first = &name;
        rest = &bytes;
        tick().await;
        first.len() + rest.len() + usize::from(second)
    }

    #[tracked(action = "deployment", durable, details = "{image}")]
    pub(super) async fn durable(mut image: &str) -> usize {
        let own = format!("{image}:latest");
        image = &own;
        tick().await;
        image.len()
    }

    #[tracked(action = "deployment")]
    pub(super) async fn dropped_in_turn(first: Noisy, _: Noisy, mut held: Option<(&Noisy, Noisy)>, _last: Noisy, copy: &u8) {
        let own = Noisy("own");
        held = held.map(|(_, noisy)| (&own, noisy));
        tick().await;
        log(copy);
        if let Some((borrowed, noisy)) = &held {
            borrowed.touch();
            noisy.touch();
        }
        first.touch();
    }

    pub(super) struct Name<'a>(pub(super) &'a str);

    impl Name<'_> {
        #[tracked(action = "deployment")]
        pub(super) async fn longer(&self, mut other: Self) -> usize {
            let own = self.0.repeat(2);
            if other.0.len() < own.len() {
                other = Name(&own);
            }
            tick().await;
            other.0.len()
        }
    }

    pub(super) struct Service {
        pub(super) region: String,
    }

    impl Service {
        #[tracked(action = "deployment", project = self.region, details = "{region}")]
        pub(super) async fn deploy<'a>(&'a self, mut region: &'a str, mut image: &'a str) -> &'a str {
            let own = image.to_owned();
            if region.is_empty() {
                region = &self.region;
            }
            image = &own;
            tick().await;
            log(image);
            region
        }
    }
}

#[test]
fn a_reference_that_is_set_to_a_local() {
    let rows = compare!(twin => (twin::recorded("").await, twin::recorded("eu").await));
    assert_eq!(rows, ["deployment:  7", "deployment: eu 2"]);
    let rows = compare!(twin => twin::always(b"a\r\nb").await);
    assert_eq!(rows, ["queries_executed on 4"]);
    let rows = compare!(twin => twin::durable("api").await);
    assert_eq!(rows, ["deployment: api"]);
}

#[test]
fn a_value_that_holds_a_reference_and_is_set_to_a_local() {
    let rows = compare!(twin => (twin::optional(Some("user_1"), None).await, twin::optional(None, Some("v1")).await));
    assert_eq!(rows, ["deployment by user_1", "deployment"]);
    let rows = compare!(twin => twin::with_a_lifetime("".chars(), "text".into()).await);
    assert_eq!(rows, ["deployment"]);
    let rows = compare!(twin => twin::generic(&[1, 2], Slice(&[3, 4]), 5).await);
    assert_eq!(rows, ["deployment: [1, 2]"]);
}

#[test]
fn an_exclusive_reference_that_is_set_to_a_local() {
    let rows = compare!(twin => {
        let mut out = Vec::new();
        let results = (
            twin::exclusive(&mut out, true).await.is_ok(),
            twin::exclusive(&mut out, false).await.is_ok(),
        );
        (results, out)
    });
    assert_eq!(rows, ["deployment"; 2]);
}

#[test]
fn a_part_of_a_parameter_that_is_set_to_a_local() {
    let arguments = || (("api", Noisy("rest")), Slice(&[1_u8, 2]), Noisy("last"));
    for times in 0..3 {
        compare!(twin => {
            let (pair, slice, last) = arguments();
            polled(times, twin::in_patterns(pair, slice, last))
        });
    }
    let rows = compare!(twin => twin::in_recorded_patterns(("api", 7), Slice(&[1, 2])).await);
    assert_eq!(rows, ["deployment: api [1, 2]"]);
}

#[test]
fn a_method_that_sets_a_parameter_to_a_local() {
    let rows = compare!(twin => {
        let service = twin::Service { region: "eu".into() };
        (service.deploy("", "api").await.len(), twin::Name("api").longer(twin::Name("db")).await)
    });
    assert_eq!(rows, ["deployment on eu", "deployment"]);
}

#[test]
fn arguments_beside_one_that_is_set_to_a_local_drop_in_order() {
    let held = Noisy("held");
    for times in 0..3 {
        compare!(twin => {
            let pair = Some((&held, Noisy("in pair")));
            polled(times, twin::dropped_in_turn(Noisy("first"), Noisy("second"), pair, Noisy("last"), &7))
        });
    }
}
