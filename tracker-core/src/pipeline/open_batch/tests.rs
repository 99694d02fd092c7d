use std::{fmt, sync::Arc};

use uuid::Uuid;

use super::*;
use crate::{
    Context, ReferenceIds,
    action_id::ActionIds,
    details,
    draft::{Draft, Field},
    limits::{DETAILS_CHARS_MAX, REFERENCES_MAX},
    reference_ids::declared::ReferenceSink,
    store::PackedRows,
};

fn activities(drafts: impl IntoIterator<Item = Draft<'static>>) -> Vec<Activity> {
    let mut batch = OpenBatch::default();
    for draft in drafts {
        batch.push_draft(&draft, Ambient::default());
    }
    let rows = Rows::new(batch, &ActionIds::default(), Arc::default());
    (0..rows.len())
        .map(|at| rows.row(at).to_activity())
        .collect()
}

fn activity(draft: Draft<'static>) -> Activity {
    activities([draft]).remove(0)
}

/// The activity of a draft within this context.
fn activity_in(context: &Context, draft: &Draft<'_>) -> Activity {
    Rows::activity_of(draft, ambient(context))
}

fn ambient(context: &Context) -> Ambient<'_> {
    Ambient {
        context: Some(context),
        environment: None,
    }
}

fn draft() -> Draft<'static> {
    let mut draft = Draft::new();
    draft.set_action("deployment");
    draft
}

#[test]
fn texts_and_references_of_several_drafts_are_told_apart() {
    let drafts = (0..3).map(|number| {
        let mut draft = draft();
        draft.write(Field::User, format_args!("user_{number}"));
        draft.write_reference("a", format_args!("{number}"));
        draft.add_references(ReferenceIds::from_iter([(format!("b_{number}"), number)]));
        draft
    });
    for (number, activity) in activities(drafts).into_iter().enumerate() {
        assert_eq!(activity.user_id, Some(format!("user_{number}")));
        let number = number.to_string();
        assert_eq!(activity.reference_ids.get("a"), Some(&*number));
        assert_eq!(
            activity.reference_ids.get(&format!("b_{number}")),
            Some(&*number)
        );
        assert_eq!(activity.reference_ids.len(), 2);
    }
}

#[test]
fn the_last_text_that_is_set_for_a_field_wins() {
    let mut draft = draft();
    draft.write(Field::User, format_args!("{}", 42));
    draft.copy(Field::Project, "project_7");
    draft.lend(Field::Project, "project_8");
    let activity = activity(draft);
    assert_eq!(activity.user_id.as_deref(), Some("42"));
    assert_eq!(activity.project_id.as_deref(), Some("project_8"));
    assert_eq!(activity.request_id, None);
    assert_eq!(activity.action_type.as_deref(), Some("deployment"));
}

#[test]
fn only_what_is_not_set_is_filled_from_the_context() {
    let mut draft = draft();
    draft.copy(Field::User, "own");
    draft.lend(Field::Request, "");
    let context = Context::new()
        .with_user_id("ambient")
        .with_request_id("ambient")
        .with_project_id("ambient");
    let activity = activity_in(&context, &draft);
    assert_eq!(activity.user_id.as_deref(), Some("own"));
    // An empty ID names nobody, and is not filled.
    assert_eq!(activity.request_id, None);
    assert_eq!(activity.project_id.as_deref(), Some("ambient"));
}

#[test]
fn references_of_the_context_come_behind_the_drafts_own() {
    let context = (0..REFERENCES_MAX).fold(Context::new(), |context, number| {
        context.with_reference(format!("n{number}"), "ambient")
    });
    let mut draft = draft();
    draft.write_reference("n0", format_args!("own"));
    draft.add_references(ReferenceIds::from_iter([("n1".to_owned(), "own")]));
    draft.write_reference("own", format_args!("own"));
    let ids = activity_in(&context, &draft).reference_ids;
    assert_eq!(ids.len(), REFERENCES_MAX);
    for own in ["n0", "n1", "own"] {
        assert_eq!(ids.get(own), Some("own"));
    }
    assert_eq!(ids.get("n2"), Some("ambient"));
}

#[test]
fn references_that_rows_share_count_for_the_size_of_their_batch() {
    let context = Context::new().with_reference("job_id", "x".repeat(200));
    let mut batch = OpenBatch::default();
    for _ in 0..10 {
        batch.push_draft(&draft(), ambient(&context));
    }
    assert!(batch.bytes() > 2_000, "{}", batch.bytes());
}

#[test]
fn a_text_takes_no_more_memory_than_a_row_can_hold() {
    let (long, longer) = ("é".repeat(1 << 20), "x".repeat(1 << 21));
    let mut draft: Draft<'_> = draft();
    draft.copy(Field::User, &long);
    draft.write_details(format_args!("{longer}"));
    draft.write_reference("long", format_args!("{longer}"));
    draft.lend_reference("lent", &longer);
    let mut batch = OpenBatch::default();
    batch.push_draft(&draft, Ambient::default());
    assert!(batch.bytes() < 16_384 + details::WHOLE.len());
    let activity = activity_in(&Context::new(), &draft);
    let details = activity.action_details.unwrap();
    assert_eq!(details.chars().count(), DETAILS_CHARS_MAX);
    assert!(details.ends_with('…'));
}

#[test]
fn details_of_a_template_end_with_the_value_that_fails() {
    struct Failing;

    impl fmt::Display for Failing {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            Err(fmt::Error)
        }
    }

    let mut whole = draft();
    whole.lend_value("api");
    whole.write_value(format_args!("{}", 42));
    whole.set_details("deployed \0 of \0 files");
    assert_eq!(
        activity(whole).action_details.as_deref(),
        Some("deployed api of 42 files")
    );
    let mut failed = draft();
    failed.lend_value("api");
    failed.write_value(format_args!("{Failing}"));
    failed.copy_value("more");
    failed.set_details("deployed \0 of \0 files in \0");
    let details = activity(failed).action_details;
    assert_eq!(details.as_deref(), Some("deployed api of half"));
    // A panic comes before the template, and leaves the details unset.
    let mut begun = draft();
    begun.lend_value("api");
    assert_eq!(activity(begun).action_details, None);
}

#[test]
fn a_draft_has_any_number_of_references() {
    const NAMES: &str = "abcdefghijklmnopqrstuvwxyz";
    let mut draft = draft();
    for at in 0..NAMES.len() {
        draft.lend_reference(&NAMES[at..=at], "id");
    }
    let ids = activity(draft).reference_ids;
    assert_eq!(ids.len(), NAMES.len());
    assert!(
        NAMES
            .chars()
            .all(|name| ids.get(&name.to_string()) == Some("id"))
    );
}

#[test]
fn ids_are_of_version_7_hold_the_time_and_ascend() {
    let drafts = (0..10_000).map(|_| draft());
    let mut last = String::new();
    for activity in activities(drafts) {
        let id = Uuid::parse_str(&activity.action_id).unwrap();
        assert_eq!(id.get_version_num(), 7);
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        let ms = i64::try_from(seconds * 1_000 + u64::from(nanos / 1_000_000)).unwrap();
        assert_eq!(Some(ms), activity.created_at);
        assert!(activity.action_id > last);
        last = activity.action_id;
    }
}
