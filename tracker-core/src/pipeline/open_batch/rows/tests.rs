use proptest::{collection::vec, option, prelude::*};
use serde_json::json;

use super::*;
use crate::{
    ActionType, Context,
    draft::{Draft, Ended, Field},
    reference_ids::declared::ReferenceSink,
};

const LONG: &str = match str::from_utf8(&[b'n'; 256]) {
    Ok(text) => text,
    Err(_) => "",
};
const NAMES: [&str; 7] = ["deployment_id", "job_id", "a\"\\\n", "ü", "", "a\0b", LONG];

/// A text that may be too long, or nothing, or hold what JSON or a database can't hold as it is.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[a-z0-9_-]{1,30}",
        2 => "[a-z\"\\\\\n\u{1}\u{7f}\u{2028}é日🚀]{0,30}",
        1 => "[a\0]{0,5}",
        1 => ("[aé日]", prop_oneof![84_usize..88, 126_usize..129, 253_usize..258, 998_usize..1_002])
            .prop_map(|(text, times)| text.repeat(times)),
    ]
}

fn references() -> impl Strategy<Value = Vec<(usize, String)>> {
    prop_oneof![
        8 => vec((0..4_usize, text()), 0..3),
        1 => vec((0..NAMES.len(), text()), 0..6),
    ]
}

fn names() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![Just("job_id".to_owned()), text()];
    prop_oneof![
        4 => Just(Vec::new()),
        1 => vec((name, text()), 0..4),
        1 => Just((0..40).map(|n| (format!("n{n}"), "id".to_owned())).collect()),
    ]
}

fn ended() -> impl Strategy<Value = Ended> {
    prop_oneof![4 => Just(Ended::Success), 1 => Just(Ended::Failure)]
}

/// Templates of details.
const TEMPLATES: [&str; 5] = ["\0", "deployed", "\0 \0", "deployed \0 to \0", LONG];

/// A draft, and its context. There is a map under names of any kind, which may have JSON of any
/// type.
fn draft() -> impl Strategy<Value = (Draft<'static>, Context)> {
    let fields = vec(option::of(text()), 4);
    let details = option::weighted(0.8, (0..TEMPLATES.len(), text(), text()));
    let action = option::weighted(0.9, 0..NAMES.len());
    (
        (fields, details),
        action,
        ended(),
        references(),
        names(),
        names(),
        0..8,
    )
        .prop_map(
            |((texts, details), action, ended, references, others, ambient, json)| {
                let mut draft = Draft::new();
                let fields = [
                    Field::User,
                    Field::Request,
                    Field::Project,
                    Field::Environment,
                ];
                for (field, text) in fields.into_iter().zip(texts) {
                    if let Some(text) = text {
                        draft.copy(field, &text);
                    }
                }
                if let Some((template, first, second)) = details {
                    let values = TEMPLATES[template].split('\0').count() - 1;
                    for value in [first, second].iter().take(values) {
                        draft.copy_value(value);
                    }
                    draft.set_details(TEMPLATES[template]);
                }
                if let Some(action) = action {
                    draft.set_action(NAMES[action]);
                }
                for (name, id) in references {
                    draft.write_reference(NAMES[name], format_args!("{id}"));
                }
                match json {
                    0 => draft.add_references(ReferenceIds::from_iter(others)),
                    1 => {
                        draft
                            .add_references(ReferenceIds::from_json(json!({"job_id": [1, "a\0"]})));
                    }
                    _ => {}
                }
                let context = ambient
                    .into_iter()
                    .fold(Context::new(), |context, (name, id)| {
                        context.with_reference(name, id)
                    });
                draft.end(ended);
                (draft, context)
            },
        )
}

/// A recorded activity, as a draft or built by hand.
type Recorded = ((Draft<'static>, Context), bool);

fn recorded() -> impl Strategy<Value = Recorded> {
    (draft(), any::<bool>())
}

fn ambient(context: &Context) -> Ambient<'_> {
    Ambient {
        context: Some(context),
        environment: None,
    }
}

fn rows_of(recorded: &[Recorded]) -> Rows {
    let mut batch = OpenBatch::default();
    for ((draft, context), is_activity) in recorded {
        if *is_activity {
            batch.push_activity(Box::new(Rows::activity_of(draft, ambient(context))));
        } else {
            batch.push_draft(draft, ambient(context));
        }
    }
    Rows::new(batch, &ActionIds::default(), Arc::default())
}

proptest! {
    #[test]
    fn a_row_has_the_values_of_the_repaired_activity(recorded in vec(recorded(), 1..8)) {
        let rows = rows_of(&recorded);
        prop_assert_eq!(rows.len(), recorded.len());
        for (at, ((draft, context), _)) in recorded.iter().enumerate() {
            let row = rows.row(at);
            let expected = Activity {
                action_id: row.action_id.to_string(),
                ..Rows::activity_of(draft, ambient(context))
            };
            prop_assert_eq!(row.to_activity(), expected.clone());
            prop_assert_eq!(serde_json::to_string(&row)?, serde_json::to_string(&expected)?);
            let reference_ids = serde_json::to_string(&expected.reference_ids)?;
            prop_assert_eq!(row.reference_ids.json(), reference_ids);
            prop_assert_eq!(row.bytes(), expected.bytes() + others(&row));
        }
    }
}

/// The bytes of the texts that an activity borrows, and does not count.
fn others(row: &Row<'_>) -> usize {
    row.action_type.map_or(0, str::len) + row.status.map_or(0, str::len)
}

#[test]
fn a_draft_that_fits_is_written_from_the_memory_of_its_batch() {
    let mut draft = Draft::new();
    draft.set_action(NAMES[0]);
    draft.lend(Field::User, "user_1");
    draft.write_reference(NAMES[0], format_args!("deploy_1"));
    let context = Context::new().with_reference("job_id", 7);
    let rows = rows_of(&[((draft, context), false)]);
    let row = rows.row(0);
    assert!(matches!(row.reference_ids, References::Texts(..)));
    assert_eq!(
        row.reference_ids.json(),
        r#"{"deployment_id":"deploy_1","job_id":"7"}"#
    );
}

#[test]
fn the_memory_of_a_batch_is_a_spare_one_once_nobody_has_its_rows() {
    let spares = Arc::new(Spares::default());
    let mut batch = OpenBatch::default();
    let activity = Activity::new(ActionType::Deployment);
    batch.push_activity(Box::new(activity));
    let rows = Rows::new(batch, &ActionIds::default(), Arc::clone(&spares));
    let none = OpenBatch::default();
    assert_eq!(spares.take(&none).rows.capacity(), 0);
    drop(rows);
    let spare = spares.take(&none);
    assert!(spare.is_empty() && spare.rows.capacity() > 0);
}
