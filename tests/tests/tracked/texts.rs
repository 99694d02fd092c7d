//! The texts of values: lent, copied or formatted, and the same in each way.

use std::{borrow::Cow, fmt, rc::Rc, sync::Arc};

use tracker_core::{ReferenceIds, tracked};

use crate::recording::one;

const REGION: &str = "eu";
const COUNT: u8 = 3;
static ENVIRONMENT: &str = "staging";

#[derive(Clone)]
struct Id(u32);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "id_{}", self.0)
    }
}

#[derive(ReferenceIds)]
struct Ids<'a, T: fmt::Display> {
    #[reference]
    string: String,
    #[reference]
    slice: &'a str,
    #[reference]
    shared: Arc<str>,
    #[reference]
    counted: Rc<str>,
    #[reference]
    boxed: Box<str>,
    #[reference]
    cow: Cow<'a, str>,
    #[reference]
    some: Option<String>,
    #[reference]
    none: Option<&'a str>,
    #[reference]
    number: i64,
    #[reference]
    displayed: Id,
    #[reference]
    generic: T,
    inner: Box<Inner>,
}

struct Inner {
    name: String,
    pair: (Id, String),
}

impl Inner {
    fn owned(&self) -> String {
        self.name.to_uppercase()
    }
}

fn ids(slice: &str) -> Ids<'_, f32> {
    Ids {
        string: "a string".to_owned(),
        slice,
        shared: "shared".into(),
        counted: "counted".into(),
        boxed: "boxed".into(),
        cow: Cow::Owned("cow".to_owned()),
        some: Some("some".to_owned()),
        none: None,
        number: -7,
        displayed: Id(1),
        generic: 1.5,
        inner: Box::new(Inner {
            name: "inner".to_owned(),
            pair: (Id(2), "second".to_owned()),
        }),
    }
}

#[tracked(
    action = "deployment",
    user = inner.owned(),
    request = inner.pair.1,
    project = inner.name,
    environment = ENVIRONMENT,
    references(region = REGION, count = COUNT, half = output.number / 2, cow = &output.cow),
    details = "{image} in {output.inner.name}: {output.inner.pair.0}"
)]
async fn fields<'a>(slice: &'a str, image: &Arc<str>, inner: &Inner) -> Ids<'a, f32> {
    let _ = (image, inner);
    ids(slice)
}

#[tracked(
    action = "deployment",
    record = "always",
    user = inner.owned(),
    request = inner.pair.1,
    project = inner.name,
    environment = ENVIRONMENT,
    references(region = REGION, count = COUNT, half = output.number / 2, cow = &output.cow),
    details = "{image} in {output.inner.name}: {output.inner.pair.0}"
)]
async fn fields_always<'a>(slice: &'a str, image: &Arc<str>, inner: &Inner) -> Ids<'a, f32> {
    let _ = (image, inner);
    ids(slice)
}

#[tokio::test]
async fn a_text_is_the_same_whether_it_is_lent_copied_or_formatted() {
    let image: Arc<str> = "api:4".into();
    let slice = "a slice".to_owned();
    let ids = ids(&slice);
    for activity in [
        one(fields(&slice, &image, &ids.inner)).await,
        one(fields_always(&slice, &image, &ids.inner)).await,
    ] {
        assert_eq!(activity.user_id.as_deref(), Some("INNER"));
        assert_eq!(activity.request_id.as_deref(), Some("second"));
        assert_eq!(activity.project_id.as_deref(), Some("inner"));
        assert_eq!(activity.environment.as_deref(), Some("staging"));
        assert_eq!(
            activity.action_details.as_deref(),
            Some("api:4 in inner: id_2")
        );
        let expected = [
            ("string", "a string"),
            ("slice", "a slice"),
            ("shared", "shared"),
            ("counted", "counted"),
            ("boxed", "boxed"),
            ("cow", "cow"),
            ("some", "some"),
            ("number", "-7"),
            ("displayed", "id_1"),
            ("generic", "1.5"),
            ("region", "eu"),
            ("count", "3"),
            ("half", "-3"),
        ];
        for (name, id) in expected {
            assert_eq!(activity.reference_ids.get(name), Some(id), "{name}");
        }
        assert_eq!(activity.reference_ids.len(), expected.len());
    }
}

#[tracked(action = "deployment", user = user, references(image = image), details = "{image} by {user}, {count} times")]
async fn owned(user: Id, image: String, count: usize) -> usize {
    drop((user, image));
    count
}

#[tracked(action = "deployment", record = "always", user = user, references(image = image), details = "{image} by {user}, {count} times")]
async fn owned_always(user: Id, image: String, count: usize) -> usize {
    drop((user, image));
    count
}

#[tokio::test]
async fn a_text_that_was_read_before_the_body_is_recorded_whatever_the_body_does() {
    for activity in [
        one(owned(Id(5), "api".to_owned(), 3)).await,
        one(owned_always(Id(5), "api".to_owned(), 3)).await,
    ] {
        assert_eq!(activity.user_id.as_deref(), Some("id_5"));
        assert_eq!(activity.reference_ids.get("image"), Some("api"));
        assert_eq!(
            activity.action_details.as_deref(),
            Some("api by id_5, 3 times")
        );
    }
}

#[tracked(action = "deployment", details = "{one}{two}{three}{four}{five}")]
async fn many(one: &str, two: &str, three: u8, four: &str, five: &str) {
    let _ = (one, two, three, four, five);
}

#[tracked(
    action = "deployment",
    record = "always",
    details = "{one}{two}{three}{four}{five}"
)]
async fn many_always(one: &str, two: &str, three: u8, four: &str, five: &str) {
    let _ = (one, two, three, four, five);
}

#[tracked(action = "deployment", details("{{{0}}} {0:>4}\0{1}\n", count, name))]
async fn twice(count: u8, name: &str) {
    let _ = (count, name);
}

#[tracked(
    action = "deployment",
    record = "always",
    details("{{{0}}} {0:>4}\0{1}\n", count, name)
)]
async fn twice_always(count: u8, name: &str) {
    let _ = (count, name);
}

#[tracked(action = "deployment", details = "nothing but {{words}}")]
async fn constant() {}

#[tracked(
    action = "deployment",
    record = "always",
    details = "nothing but {{words}}"
)]
async fn constant_always() {}

#[tokio::test]
async fn details_may_have_any_number_of_values_and_any_character() {
    for activity in [
        one(many("a", "b", 3, "d", "e")).await,
        one(many_always("a", "b", 3, "d", "e")).await,
    ] {
        assert_eq!(activity.action_details.as_deref(), Some("ab3de"));
    }
    for activity in [one(twice(7, "x")).await, one(twice_always(7, "x")).await] {
        assert_eq!(
            activity.action_details.as_deref(),
            Some("{7}    7\u{fffd}x\n")
        );
    }
    for activity in [one(constant()).await, one(constant_always()).await] {
        assert_eq!(
            activity.action_details.as_deref(),
            Some("nothing but {words}")
        );
    }
}

#[tracked(
    action = "deployment",
    record = "always",
    details = "deploying {image}",
    error_details("{error.kind} of {}", error.position())
)]
async fn failing(image: &str, position: Option<u8>) -> Result<(), Failure> {
    let _ = image;
    Err(Failure {
        kind: "timeout",
        position,
    })
}

#[derive(Debug)]
struct Failure {
    kind: &'static str,
    position: Option<u8>,
}

impl Failure {
    fn position(&self) -> u8 {
        self.position.expect("a position")
    }
}

#[tokio::test]
async fn details_of_a_failure_replace_the_others_unless_they_panic() {
    let told = one(failing("api", Some(4))).await;
    assert_eq!(told.action_details.as_deref(), Some("timeout of 4"));
    let panicked = one(failing("api", None)).await;
    assert_eq!(panicked.action_details.as_deref(), Some("deploying api"));
}
