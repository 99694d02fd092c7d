//! Lifetimes that are named, elided, captured or higher-ranked, and exclusive references as
//! arguments and results.

use std::borrow::Cow;

use crate::support::tick;

twins! {
    #[tracked(action = "deployment", details = "{user_id} {output}")]
    pub(super) async fn elided(user_id: &str) -> &str {
        tick().await;
        user_id.trim()
    }

    #[tracked(action = "deployment", details = "{short} {output}")]
    pub(super) async fn named<'long: 'short, 'short, T>(long: &'long T, short: &'short str) -> &'short T
    where
        T: std::fmt::Display + ?Sized + 'long,
    {
        tick().await;
        let _ = short;
        long
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn in_a_path(text: Cow<'_, str>) -> Cow<'_, str> {
        tick().await;
        text
    }

    #[tracked(action = "deployment", details = "{output}")]
    pub(super) async fn forever(text: &'static str) -> &'static str {
        tick().await;
        text
    }

    // Clippy would turn the higher-ranked bounds, which this function tests, into elided ones.
    #[tracked(action = "deployment", details = "{output}")]
    #[allow(clippy::needless_lifetimes)]
    pub(super) async fn higher_ranked<F, G>(first: F, second: &G) -> usize
    where
        F: for<'a> Fn(&'a str) -> &'a str,
        G: for<'a, 'b> Fn(&'a str, &'b str) -> usize + ?Sized,
        for<'a> &'a G: Copy,
    {
        tick().await;
        second(first("text"), "other")
    }

    #[tracked(action = "deployment", details("{}", values.len()))]
    pub(super) async fn captured(values: &[u8]) -> impl Iterator<Item = u8> + use<'_> {
        tick().await;
        values.iter().copied()
    }

    #[tracked(action = "deployment", details = "{text}")]
    #[allow(clippy::elidable_lifetime_names)]
    pub(super) async fn captured_in_part<'a, T>(values: &'a [u8], text: T) -> impl Iterator<Item = u8> + use<'a, T>
    where
        T: AsRef<str> + std::fmt::Display,
    {
        tick().await;
        let skipped = text.as_ref().len();
        values.iter().copied().skip(skipped)
    }

    #[tracked(action = "deployment", details = "{more} {output}")]
    pub(super) async fn exclusive_in_and_shared_out(values: &mut Vec<u8>, more: u8) -> &u8 {
        tick().await;
        values.push(more);
        values.last().unwrap_or(&0)
    }

    #[tracked(action = "deployment", details = "{more} {output}")]
    pub(super) async fn exclusive_in_and_out(values: &mut [u8], more: u8) -> &mut u8 {
        tick().await;
        values[0] += more;
        &mut values[0]
    }

    #[tracked(action = "deployment", details = "{more}")]
    pub(super) async fn exclusive_in_and_result_out<'a>(values: &'a mut Vec<u8>, more: &str) -> Result<&'a [u8], std::num::ParseIntError> {
        values.push(more.parse()?);
        tick().await;
        Ok(values)
    }

    #[tracked(action = "deployment", details = "{more} {output}")]
    pub(super) fn exclusive_in_and_shared_out_without_waiting(values: &mut Vec<u8>, more: u8) -> &u8 {
        values.push(more);
        values.last().unwrap_or(&0)
    }

    #[tracked(action = "deployment", details = "{more} {output}")]
    pub(super) fn exclusive_in_and_out_without_waiting(values: &mut [u8], more: u8) -> &mut u8 {
        values[0] += more;
        &mut values[0]
    }

    #[tracked(action = "deployment", details = "{more} {output:?}")]
    pub(super) fn exclusive_in_and_option_out_without_waiting<'a>(values: &'a mut Vec<String>, more: &str) -> Option<&'a str> {
        values.push(more.to_owned());
        values.first().map(String::as_str)
    }
}

#[test]
fn elided_and_named_lifetimes() {
    let rows = compare!(twin => (twin::elided(" a ").await, twin::named("long", "short").await));
    assert_eq!(rows, ["deployment by  a :  a  a", "deployment: short long"]);
    let rows = compare!(twin => (twin::in_a_path("a".into()).await, twin::forever("b").await));
    assert_eq!(rows, ["deployment: a", "deployment: b"]);
}

#[test]
fn higher_ranked_bounds() {
    let rows = compare!(twin => {
        let count: &dyn Fn(&str, &str) -> usize = &|a, b| a.len() + b.len();
        twin::higher_ranked(|text| &text[1..], count).await
    });
    assert_eq!(rows, ["deployment: 8"]);
}

#[test]
fn captured_lifetimes() {
    let rows = compare!(twin => {
        let all: Vec<_> = twin::captured(&[1, 2]).await.collect();
        let values = vec![1, 2, 3];
        let some: Vec<_> = twin::captured_in_part(&values, String::from("a")).await.collect();
        (all, some)
    });
    assert_eq!(rows, ["deployment: 2", "deployment: a"]);
}

#[test]
fn a_mutable_argument_with_a_borrowed_return_compiles() {
    let rows = compare!(twin => {
        let mut values = vec![1];
        let shared = *twin::exclusive_in_and_shared_out(&mut values, 2).await;
        *twin::exclusive_in_and_out(&mut values, 3).await += 10;
        let all = twin::exclusive_in_and_result_out(&mut values, "4").await.map(<[u8]>::to_vec);
        let failed = twin::exclusive_in_and_result_out(&mut values, "five").await.is_err();
        (shared, all, failed)
    });
    assert_eq!(
        rows,
        ["deployment: 2 2", "deployment: 3 4", "deployment: 4"]
    );
}

#[test]
fn a_mutable_argument_with_a_borrowed_return_compiles_in_a_synchronous_function() {
    let rows = compare!(twin => {
        let mut values = vec![1];
        let shared = *twin::exclusive_in_and_shared_out_without_waiting(&mut values, 2);
        *twin::exclusive_in_and_out_without_waiting(&mut values, 3) += 10;
        let mut texts = Vec::new();
        let text = twin::exclusive_in_and_option_out_without_waiting(&mut texts, "a").map(str::to_owned);
        (shared, values, text)
    });
    assert_eq!(
        rows,
        [
            "deployment: 2 2",
            "deployment: 3 4",
            r#"deployment: a Some("a")"#
        ]
    );
}
