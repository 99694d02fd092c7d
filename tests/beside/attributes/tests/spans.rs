//! `#[tracked]` above `#[instrument]` keeps the fields of the span: parameters that are patterns,
//! and values bound to `_`.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use tracing::{
    Subscriber,
    field::{Field, Visit},
    instrument,
    span::{Attributes, Id},
    subscriber::with_default,
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};
use tracker_core::tracked;

/// A layer that collects the fields of each new span.
#[derive(Clone, Default)]
struct Fields(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Fields {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        attributes.record(&mut self.clone());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut fields = self.0.lock().expect("no panic");
        fields.push(format!("{field}={value:?}"));
    }
}

fn fields_of(call: impl FnOnce()) -> Vec<String> {
    let fields = Fields::default();
    with_default(Registry::default().with(fields.clone()), call);
    std::mem::take(&mut *fields.0.lock().expect("no panic"))
}

fn block_on(future: impl Future<Output = ()>) {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let poll = std::pin::pin!(future).poll(&mut context);
    assert!(poll.is_ready(), "nothing is waited for");
}

/// Calls a function with and without `#[tracked]` and returns the fields of its span, which must be
/// equal.
macro_rules! fields {
    ($(#[$attribute:meta])* ($($head:tt)*) ($($parameters:tt)*) $body:block => $call:expr) => {{
        let plain = {
            $(#[$attribute])*
            $($head)* ($($parameters)*) $body
            fields_of(|| $call)
        };
        let tracked = {
            #[tracked(action = "deployment", record = "always")]
            $(#[$attribute])*
            $($head)* ($($parameters)*) $body
            fields_of(|| $call)
        };
        assert_eq!(tracked, plain, "the tracked one is the left one");
        tracked
    }};
}

#[derive(Debug)]
struct Pair(u8, u8);

struct Request {
    path: Pair,
    sizes: (u8, u8),
    token: Token,
}

/// A value that must not appear in a span. It has no `Debug`.
struct Token;

fn request() -> Request {
    Request {
        path: Pair(1, 2),
        sizes: (3, 4),
        token: Token,
    }
}

#[test]
fn tuples_are_taken_apart() {
    let fields = fields!(#[instrument] (fn deploy)((first, second): (u8, u8)) { let _ = (first, second); } => deploy((1, 2)));
    assert_eq!(fields, ["first=1", "second=2"]);
    let fields = fields!(#[instrument] (fn deploy)(((first, second), (third, _)): ((u8, u8), (u8, u8))) {
        let _ = (first, second, third);
    } => deploy(((1, 2), (3, 4))));
    assert_eq!(fields, ["first=1", "second=2", "third=3"]);
}

#[test]
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "references are what this is about"
)]
fn references_are_taken_apart() {
    let fields = fields!(#[instrument] (fn deploy)(&first: &u8, &(second, _): &(u8, u8)) {
        let _ = (first, second);
    } => deploy(&1, &(2, 3)));
    assert_eq!(fields, ["first=1", "second=2"]);
}

#[test]
fn structs_are_taken_apart() {
    let fields = fields!(#[instrument] (fn deploy)(Pair(first, second): Pair) { let _ = (first, second); } => deploy(Pair(1, 2)));
    assert_eq!(fields, ["first=1", "second=2"]);
    let fields = fields!(#[instrument] (fn deploy)(&Request { path: Pair(first, second), sizes: (third, _), .. }: &Request) {
        let _ = (first, second, third);
    } => {
        let request = request();
        let Token = request.token;
        let (_, _) = request.sizes;
        deploy(&request);
    });
    assert_eq!(fields, ["first=1", "second=2", "third=3"]);
}

#[test]
fn an_async_function_takes_its_parameters_apart() {
    let fields = fields!(#[instrument] (async fn deploy)(Pair(first, _): Pair, (second, _): (String, u8)) {
        std::future::ready(()).await;
        drop(second);
        let _ = first;
    } => block_on(deploy(Pair(1, 2), ("api".to_owned(), 3))));
    assert_eq!(fields, ["first=1", "second=\"api\""]);
}

#[test]
fn what_has_no_name_stays_out_of_the_span() {
    let fields = fields!(#[instrument] (async fn deploy)(_: Token, count: u8, _: &str) {
        let _ = count;
    } => block_on(deploy(Token, 1, "secret")));
    assert_eq!(fields, ["count=1"]);
    let fields =
        fields!(#[instrument] (fn deploy)(_: &str, _: Token) {} => deploy("secret", Token));
    assert_eq!(fields, [""; 0]);
}

#[test]
fn names_in_patterns_can_be_skipped_and_named() {
    struct State<T>(T);

    let fields = fields!(#[instrument(skip(pool), fields(id = %id))] (async fn deploy)(State(pool): State<Token>, Pair(id, _): Pair) {
        let Token = pool;
        let _ = id;
    } => block_on(deploy(State(Token), Pair(1, 2))));
    assert_eq!(fields, ["id=1"]);
}

#[test]
fn a_method_takes_its_parameters_apart() {
    #[derive(Debug)]
    struct Plain;
    #[derive(Debug)]
    struct Tracked;

    impl Plain {
        #[instrument]
        async fn deploy(&self, (first, _): (u8, u8), Pair(second, _): Pair) {
            let _ = (first, second);
        }
    }

    impl Tracked {
        #[tracked(action = "deployment", details = "{first}")]
        #[instrument]
        async fn deploy(&self, (first, _): (u8, u8), Pair(second, _): Pair) {
            let _ = (first, second);
        }
    }

    let plain = fields_of(|| block_on(Plain.deploy((1, 2), Pair(3, 4))));
    let tracked = fields_of(|| block_on(Tracked.deploy((1, 2), Pair(3, 4))));
    assert_eq!(plain, ["self=Plain", "first=1", "second=3"]);
    assert_eq!(tracked, ["self=Tracked", "first=1", "second=3"]);
}
