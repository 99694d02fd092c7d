use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use futures_util::FutureExt;
use serde_json::{from_value, json, to_value};

use super::*;
use crate::{
    ActionType, Activity,
    limits::{ID_CHARS_MAX, REFERENCES_MAX},
};

fn user(id: &str) -> Context {
    Context::new().with_user_id(id)
}

fn current_user() -> Option<String> {
    Context::current().user_id().map(str::to_owned)
}

#[test]
fn outside_any_scope_the_context_names_nothing() {
    assert_eq!(Context::current(), Context::new());
}

#[test]
fn an_inner_scope_adds_to_the_outer_one_and_wins() {
    let outer = Context::new()
        .with_user_id("outer")
        .with_request_id("outer");
    let inner = Context::new()
        .with_user_id("inner")
        .with_project_id("inner");
    let seen = outer
        .scope(inner.scope(async { Context::current() }))
        .now_or_never()
        .unwrap();
    // The inner future was made outside the outer scope, so there was nothing to complete it from.
    assert_eq!(seen.request_id(), None);

    let outer = Context::new()
        .with_user_id("outer")
        .with_request_id("outer");
    let seen = outer
        .scope(async {
            let inner = Context::new()
                .with_user_id("inner")
                .with_project_id("inner");
            inner.scope(async { Context::current() }).await
        })
        .now_or_never()
        .unwrap();
    assert_eq!(seen.user_id(), Some("inner"));
    assert_eq!(seen.request_id(), Some("outer"));
    assert_eq!(seen.project_id(), Some("inner"));
}

#[test]
fn a_synchronous_scope_ends_when_it_returns_or_panics() {
    user("outer").sync_scope(|| {
        let inner = Context::new().with_project_id("inner");
        let seen = inner.clone().sync_scope(Context::current);
        assert_eq!(seen, user("outer").with_project_id("inner"));
        assert_eq!(Context::current(), user("outer"));

        let panicked = catch_unwind(|| inner.sync_scope(|| panic!("expected by this test")));
        assert!(panicked.is_err());
        assert_eq!(Context::current(), user("outer"));
    });
    assert_eq!(Context::current(), Context::new());
}

#[test]
fn a_wrapped_closure_takes_along_what_is_current_where_it_is_wrapped() {
    let project = Context::new().with_project_id("project");
    let wrapped = user("user").sync_scope(|| project.wrap(Context::current));
    let seen = thread::spawn(|| {
        user("another").sync_scope(|| {
            let seen = wrapped();
            assert_eq!(current_user().as_deref(), Some("another"));
            seen
        })
    });
    assert_eq!(
        seen.join().unwrap(),
        user("user").with_project_id("project")
    );
}

#[test]
fn a_wrapped_closure_that_panics_leaves_the_context_as_it_was() {
    user("another").sync_scope(|| {
        let wrapped = user("user").wrap(|| panic!("expected by this test"));
        assert!(catch_unwind(AssertUnwindSafe(wrapped)).is_err());
        assert_eq!(current_user().as_deref(), Some("another"));
    });
}

#[test]
fn it_serializes_what_is_set_under_names_that_stay() {
    let full = user("u")
        .with_request_id("r")
        .with_project_id("p")
        .with_environment("e");
    let payload = json!({"user_id": "u", "request_id": "r", "project_id": "p", "environment": "e"});
    assert_eq!(to_value(&full).unwrap(), payload);
    assert_eq!(from_value::<Context>(payload).unwrap(), full);
    assert_eq!(to_value(user("u")).unwrap(), json!({"user_id": "u"}));
    assert_eq!(to_value(Context::new()).unwrap(), json!({}));
}

#[test]
fn a_payload_with_absent_null_and_unknown_fields_is_read() {
    let payload = json!({"user_id": "u", "project_id": null, "tenant": {"id": 7}});
    assert_eq!(from_value::<Context>(payload).unwrap(), user("u"));
    assert_eq!(from_value::<Context>(json!({})).unwrap(), Context::new());
}

#[test]
fn a_payload_with_a_value_that_is_no_text_is_an_error_that_says_so() {
    let error = from_value::<Context>(json!({"user_id": 7})).unwrap_err();
    assert!(error.to_string().contains("expected a string"), "{error}");
}

fn references(context: &Context) -> Vec<(&str, &str)> {
    context.references().collect()
}

#[test]
fn an_inner_scope_adds_its_references_to_the_outer_ones_name_by_name() {
    let outer = Context::new()
        .with_reference("job_id", "outer")
        .with_reference("trace_id", "outer");
    let inner = Context::new()
        .with_reference("trace_id", "inner")
        .with_reference("batch_id", 7);
    let seen = outer.sync_scope(|| inner.sync_scope(Context::current));
    assert_eq!(
        references(&seen),
        [
            ("trace_id", "inner"),
            ("batch_id", "7"),
            ("job_id", "outer")
        ]
    );
    assert_eq!(seen.reference("job_id"), Some("outer"));
    assert_eq!(seen.reference("deployment_id"), None);
}

#[test]
fn an_activity_has_the_references_of_its_context_but_for_what_it_names_itself() {
    let context = Context::new()
        .with_reference("job_id", "ambient")
        .with_reference("trace_id", "ambient")
        .with_reference("batch_id", "hidden");
    let context = context.sync_scope(|| {
        let hiding = Context::new().with_reference("batch_id", "");
        hiding.sync_scope(Context::current)
    });
    let mut activity = Activity::new(ActionType::Deployment).reference("trace_id", "own");
    activity.fill(&context);
    activity.repair();
    assert_eq!(
        activity.reference_ids,
        ReferenceIds::from_iter([("trace_id", "own"), ("job_id", "ambient")])
    );
}

#[test]
fn references_are_within_the_limits_of_a_row() {
    let long = "x".repeat(ID_CHARS_MAX + 1);
    let context = Context::new()
        .with_reference("", "of no name")
        .with_reference(long.clone(), &long)
        .with_reference("nul\0", "nul\0");
    let cut = format!("{}…", &long[..ID_CHARS_MAX - 1]);
    assert_eq!(
        references(&context),
        [(&*cut, &*cut), ("nul\u{FFFD}", "nul\u{FFFD}")]
    );

    let full = (0..2 * REFERENCES_MAX).fold(Context::new(), |context, number| {
        context.with_reference(format!("n{number}"), number)
    });
    assert_eq!(full.references().count(), REFERENCES_MAX);
    assert_eq!(full.reference("n0"), Some("0"));
    let replaced = full.clone().with_reference("n0", "replaced");
    assert_eq!(replaced.reference("n0"), Some("replaced"));

    // An inner context keeps its values, and an activity keeps its own.
    let inner = Context::new().with_reference("inner", 1);
    let inner = full.sync_scope(|| inner.sync_scope(Context::current));
    assert_eq!(inner.references().count(), REFERENCES_MAX);
    assert_eq!(inner.reference("inner"), Some("1"));
    let mut activity = Activity::new(ActionType::Deployment).reference("own", 1);
    activity.fill(&inner);
    activity.repair();
    assert_eq!(activity.reference_ids.len(), REFERENCES_MAX);
    assert_eq!(activity.reference_ids.get("own"), Some("1"));
    assert_eq!(activity.reference_ids.get("inner"), Some("1"));
}

#[test]
fn references_serialize_as_a_map_that_is_absent_when_there_are_none() {
    let context = user("u").with_reference("trace_id", "t");
    let payload = json!({"user_id": "u", "reference_ids": {"trace_id": "t"}});
    assert_eq!(to_value(&context).unwrap(), payload);
    assert_eq!(from_value::<Context>(payload).unwrap(), context);
    assert_eq!(to_value(user("u")).unwrap(), json!({"user_id": "u"}));
    for empty in [
        json!(null),
        json!({}),
        json!({"trace_id": null}),
        json!({"": "x"}),
    ] {
        let context = from_value::<Context>(json!({"reference_ids": empty})).unwrap();
        assert_eq!(context, Context::new());
        assert_eq!(to_value(context).unwrap(), json!({}));
    }
}

#[test]
fn references_of_a_payload_are_texts_within_the_limits() {
    let many: serde_json::Map<_, _> = (0..1_000)
        .map(|number| (format!("n{number}"), json!("x".repeat(10_000))))
        .collect();
    let context = from_value::<Context>(json!({"reference_ids": many})).unwrap();
    assert_eq!(context.references().count(), REFERENCES_MAX);
    for (_, id) in context.references() {
        assert_eq!(id.chars().count(), ID_CHARS_MAX);
    }
    let error = from_value::<Context>(json!({"reference_ids": {"n": 7}})).unwrap_err();
    assert!(error.to_string().contains("expected a string"), "{error}");
}
