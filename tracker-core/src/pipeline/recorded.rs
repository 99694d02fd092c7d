//! A batch while it is filled: [`OpenBatch`].
//!
//! The texts of all drafts are in one buffer, so that recording an activity allocates nothing that
//! another thread has to free.

use std::{borrow::Cow, ops::Range, sync::Arc, time::SystemTime};

use uuid::{ContextV7, Timestamp, Uuid};

use crate::{
    Activity, ReferenceIds, Status,
    clock::unix_ms,
    draft::{Draft, FIELDS, Field, Text},
};

/// The bytes that the texts of a batch take, unless they are unusually long.
const TEXTS_BYTES_USUAL: usize = 4 << 20;

/// Recorded activities, in their order.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    rows: Vec<Row>,
    texts: String,
    references: Vec<(&'static str, Text)>,
    /// The bytes of all that is not among the texts: activities built by hand, and other
    /// references.
    other_bytes: usize,
}

#[derive(Debug)]
enum Row {
    /// From a tracked function.
    Draft(DraftRow),
    Activity(Box<Activity>),
}

/// A draft, its texts in the batch's buffer.
#[derive(Debug)]
struct DraftRow {
    action: Option<&'static str>,
    status: Status,
    created_at: SystemTime,
    /// Where in the batch's buffer its texts begin.
    base: usize,
    texts: [Option<Text>; FIELDS],
    /// Where in the batch its references are.
    references: Range<usize>,
    /// References that are no texts under constant names.
    other_references: Option<Box<ReferenceIds>>,
    /// References of the context, whose names may be among the others.
    ambient_references: Option<Arc<ReferenceIds>>,
}

impl Recorded {
    /// Returns whether its memory is worth keeping: no more than that of a usual batch.
    pub(crate) fn is_usual(&self) -> bool {
        self.texts.capacity() <= TEXTS_BYTES_USUAL
    }

    /// An empty batch with room for what is in this one: growing there would copy what it has, a
    /// few times in a thousand calls.
    pub(crate) fn empty_as_large(&self) -> Self {
        Self {
            rows: Vec::with_capacity(self.rows.len()),
            texts: String::with_capacity(self.texts.len()),
            references: Vec::with_capacity(self.references.len()),
            other_bytes: 0,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of bytes of text.
    pub(crate) fn bytes(&self) -> usize {
        self.texts.len() + self.other_bytes
    }

    /// Takes the activities out, those of drafts under new IDs.
    pub(crate) fn take_activities<T: FromIterator<Activity>>(&mut self, ids: &ContextV7) -> T {
        let Self {
            rows,
            texts,
            references,
            other_bytes,
        } = self;
        let activities = rows.drain(..).map(|row| match row {
            Row::Activity(activity) => *activity,
            Row::Draft(row) => row.into_activity(texts, references, ids),
        });
        let activities = activities.collect();
        texts.clear();
        references.clear();
        *other_bytes = 0;
        activities
    }
}

/// What can be recorded: an activity built by hand, or a draft.
pub(crate) trait Record {
    /// Appends it to a batch.
    fn append_to(self, batch: &mut Recorded);

    /// The activity that it would have become.
    fn into_activity(self) -> Activity;
}

impl Record for Box<Activity> {
    fn append_to(self, batch: &mut Recorded) {
        batch.other_bytes += self.bytes();
        batch.rows.push(Row::Activity(self));
    }

    fn into_activity(self) -> Activity {
        *self
    }
}

impl Record for &mut Draft {
    fn append_to(self, batch: &mut Recorded) {
        let base = batch.texts.len();
        batch.texts.push_str(self.buffer());
        let references = batch.references.len();
        batch.references.extend_from_slice(self.references());
        let references = references..batch.references.len();
        let row = DraftRow::new(self, base, references);
        batch.other_bytes += row.other_bytes();
        batch.rows.push(Row::Draft(row));
    }

    fn into_activity(self) -> Activity {
        activity_of(self)
    }
}

/// A draft as the activity that the writer would make of it, for one that does not go through a batch.
pub(crate) fn activity_of(draft: &mut Draft) -> Activity {
    let row = DraftRow::new(draft, 0, 0..draft.references().len());
    row.into_activity(draft.buffer(), draft.references(), &ContextV7::new())
}

impl DraftRow {
    /// The row of a draft whose texts begin at `base`.
    fn new(draft: &mut Draft, base: usize, references: Range<usize>) -> Self {
        Self {
            action: draft.action(),
            status: draft.status().clone(),
            created_at: draft.created_at(),
            base,
            texts: draft.texts(),
            references,
            other_references: draft.take_other_references(),
            ambient_references: draft.take_ambient_references(),
        }
    }

    /// About how many bytes its references take that are not in the batch's buffer.
    fn other_bytes(&self) -> usize {
        let other = self.other_references.as_deref();
        let ambient = self.ambient_references.as_deref();
        other.map_or(0, ReferenceIds::bytes) + ambient.map_or(0, ReferenceIds::bytes)
    }

    fn into_activity(
        self,
        texts: &str,
        references: &[(&'static str, Text)],
        ids: &ContextV7,
    ) -> Activity {
        let texts = texts.get(self.base..).unwrap_or_default();
        let created_at = unix_ms(self.created_at);
        let ms = u64::try_from(created_at).unwrap_or(0);
        let nanos = u32::try_from(ms % 1_000).unwrap_or(0) * 1_000_000;
        let id = Uuid::new_v7(Timestamp::from_unix(ids, ms / 1_000, nanos));
        let text = |field: Field| Some(self.texts[field as usize]?.of(texts)?.to_owned());
        let mut activity = Activity {
            project_id: text(Field::Project),
            user_id: text(Field::User),
            request_id: text(Field::Request),
            action_type: self.action.map(Cow::Borrowed),
            action_details: text(Field::Details),
            environment: text(Field::Environment),
            created_at: Some(created_at),
            ..Activity::empty(id.to_string())
        };
        activity.status = Some(self.status);
        if let Some(other) = self.other_references {
            activity.reference_ids = *other;
        }
        for (name, text) in references.get(self.references).unwrap_or_default() {
            if let Some(id) = text.of(texts) {
                activity.reference_ids.insert_string(name, id.to_owned());
            }
        }
        if let Some(ambient) = self.ambient_references {
            activity.reference_ids.add_missing(&ambient, usize::MAX);
        }
        activity.repair();
        activity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Context,
        limits::{DETAILS_CHARS_MAX, REFERENCES_MAX},
    };

    fn activities(drafts: impl IntoIterator<Item = Draft>) -> Vec<Activity> {
        let mut recorded = Recorded::default();
        for mut draft in drafts {
            draft.append_to(&mut recorded);
        }
        recorded.take_activities(&ContextV7::new())
    }

    fn activity(draft: Draft) -> Activity {
        activities([draft]).remove(0)
    }

    fn draft() -> Draft {
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
        draft.write_str(Field::Project, "project_7");
        draft.write_str(Field::Project, "project_8");
        let activity = activity(draft);
        assert_eq!(activity.user_id.as_deref(), Some("42"));
        assert_eq!(activity.project_id.as_deref(), Some("project_8"));
        assert_eq!(activity.request_id, None);
        assert_eq!(activity.action_type.as_deref(), Some("deployment"));
    }

    #[test]
    fn only_what_is_not_set_is_filled_from_the_context() {
        let mut draft = draft();
        draft.write_str(Field::User, "own");
        draft.write_str(Field::Request, "");
        draft.fill(
            &Context::new()
                .with_user_id("ambient")
                .with_request_id("ambient")
                .with_project_id("ambient"),
        );
        let activity = activity(draft);
        assert_eq!(activity.user_id.as_deref(), Some("own"));
        // An empty ID names nobody, and is not filled.
        assert_eq!(activity.request_id, None);
        assert_eq!(activity.project_id.as_deref(), Some("ambient"));
    }

    #[test]
    fn references_of_the_context_come_behind_the_drafts_own() {
        let ambient = (0..REFERENCES_MAX).fold(Context::new(), |context, number| {
            context.with_reference(format!("n{number}"), "ambient")
        });
        let mut draft = draft();
        draft.write_reference("n0", format_args!("own"));
        draft.add_references(ReferenceIds::from_iter([("n1".to_owned(), "own")]));
        draft.write_reference("own", format_args!("own"));
        draft.fill(&ambient);
        let ids = activity(draft).reference_ids;
        assert_eq!(ids.len(), REFERENCES_MAX);
        for own in ["n0", "n1", "own"] {
            assert_eq!(ids.get(own), Some("own"));
        }
        assert_eq!(ids.get("n2"), Some("ambient"));
    }

    #[test]
    fn references_that_rows_share_count_for_the_size_of_their_batch() {
        let ambient = Context::new().with_reference("job_id", "x".repeat(200));
        let mut recorded = Recorded::default();
        for _ in 0..10 {
            let mut draft = draft();
            draft.fill(&ambient);
            draft.append_to(&mut recorded);
        }
        assert!(recorded.bytes() > 2_000, "{}", recorded.bytes());
    }

    #[test]
    fn a_text_takes_no_more_memory_than_a_row_can_hold() {
        let mut draft = draft();
        for text in ["é".repeat(1 << 20), "x".repeat(1 << 20)] {
            draft.write_str(Field::Details, &text);
        }
        draft.write_reference("long", format_args!("{}", "x".repeat(1 << 20)));
        assert!(draft.buffer().len() < 16_384);
        let activity = activity(draft);
        let details = activity.action_details.unwrap();
        assert_eq!(details.chars().count(), DETAILS_CHARS_MAX);
        assert!(details.ends_with('…'));
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
}
