//! A batch that takes no more, from whose memory stores write the rows: [`Rows`].

#[cfg(test)]
mod tests;

use std::{mem, sync::Arc};

use uuid::{ContextV7, Uuid};

use super::{OpenBatch, Slot, spares::Spares};
use crate::{
    Activity, ReferenceIds, Status,
    clock::unix_ms,
    draft::{Field, Head, Reference, Span},
    limits::{self, DETAILS_CHARS_MAX, ID_CHARS_MAX, REFERENCES_MAX},
    row::{References, Row, RowId, Texts},
    store::PackedRows,
};

/// Activities, and drafts whose texts fit a row as they are. The memory goes to the spares when
/// this is dropped.
#[derive(Debug)]
pub(crate) struct Rows {
    batch: OpenBatch,
    /// The IDs of the drafts; those of activities are nil.
    ids: Vec<Uuid>,
    spares: Arc<Spares>,
}

impl Rows {
    /// Gives each draft a new ID. A draft that does not fit a row becomes a repaired activity.
    pub(crate) fn new(mut batch: OpenBatch, ids: &ContextV7, spares: Arc<Spares>) -> Self {
        let has_nul = !limits::has_no_nul(&batch.texts);
        let mut row_ids = Vec::with_capacity(batch.len());
        for at in 0..batch.len() {
            let Kind::Draft(draft) = batch.kind(at) else {
                row_ids.push(Uuid::nil());
                continue;
            };
            let id = draft.head.new_id(ids);
            row_ids.push(id);
            if !draft.fits(has_nul) {
                batch.slots[at] = Slot::Activity(Box::new(draft.activity(id)));
            }
        }
        Self {
            batch,
            ids: row_ids,
            spares,
        }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.spares.give(mem::take(&mut self.batch));
    }
}

impl PackedRows for Rows {
    fn len(&self) -> usize {
        self.ids.len()
    }

    fn row(&self, at: usize) -> Row<'_> {
        match self.batch.kind(at) {
            Kind::Activity(activity) => Row::from(activity),
            Kind::Draft(draft) => draft.row(self.ids[at], References::Texts(self, at)),
        }
    }
}

impl Texts for Rows {
    fn references<'a>(&'a self, at: usize, take: &mut dyn FnMut(&'a str, &'a str)) {
        if let Kind::Draft(draft) = self.batch.kind(at) {
            draft.references().for_each(|(name, id)| take(name, id));
        }
    }
}

/// One of the recorded activities.
enum Kind<'a> {
    Activity(&'a Activity),
    Draft(DraftRow<'a>),
}

/// A draft within a batch.
struct DraftRow<'a> {
    head: &'a Head,
    texts: &'a str,
    references: &'a [Reference],
}

impl OpenBatch {
    #[inline]
    fn kind(&self, at: usize) -> Kind<'_> {
        match &self.slots[at] {
            Slot::Activity(activity) => Kind::Activity(activity),
            Slot::Draft {
                head,
                base,
                references,
            } => Kind::Draft(DraftRow {
                head,
                texts: &self.texts[*base..],
                references: &self.references[references.clone()],
            }),
        }
    }
}

impl<'a> DraftRow<'a> {
    fn text(&self, field: Field) -> Option<&'a str> {
        self.head.texts[field as usize]?.of(self.texts)
    }

    /// Returns the references that are texts: its own, and those of the context under other names.
    fn references(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let (texts, own) = (self.texts, self.references);
        let named = own
            .iter()
            .filter_map(move |(name, id)| Some((*name, id.of(texts)?)));
        let ambient = self.head.ambient_references.iter();
        let ambient = ambient.flat_map(|ids| ids.texts());
        let is_new = move |name: &str| own.iter().all(|(known, _)| *known != name);
        named.chain(ambient.filter(move |(name, _)| is_new(name)))
    }

    /// Returns true if a repair would change nothing, which holds for nearly all. It may be false
    /// for a draft whose texts have many bytes and few characters.
    ///
    /// `has_nul` is false if no text of the batch has a NUL character.
    fn fits(&self, has_nul: bool) -> bool {
        let head = self.head;
        let is_within = |place: Span, bytes_max: usize| {
            place.len() <= bytes_max
                && (!has_nul || place.of(self.texts).is_some_and(limits::has_no_nul))
        };
        let fits = |field: Field, bytes_max: usize| {
            head.texts[field as usize].is_none_or(|place| is_within(place, bytes_max))
        };
        !matches!(head.status, Status::Other(_))
            && head.action.is_none_or(limits::is_sure_to_fit)
            && fits(Field::User, ID_CHARS_MAX)
            && fits(Field::Request, ID_CHARS_MAX)
            && fits(Field::Project, ID_CHARS_MAX)
            && fits(Field::Environment, ID_CHARS_MAX)
            && fits(Field::Details, DETAILS_CHARS_MAX)
            && self.references_fit(|id| id.len() > 0 && is_within(id, ID_CHARS_MAX))
    }

    fn references_fit(&self, is_id: impl Fn(Span) -> bool) -> bool {
        let (head, own) = (self.head, self.references);
        let ambient = head.ambient_references.as_deref();
        let len = own.len() + ambient.map_or(0, ReferenceIds::len);
        let own_fit = own.iter().enumerate().all(|(at, (name, id))| {
            let mut before = own[..at].iter();
            !name.is_empty()
                && limits::is_sure_to_fit(name)
                && before.all(|(known, _)| known != name)
                && is_id(*id)
        });
        head.other_references.is_none()
            && len <= REFERENCES_MAX
            && own_fit
            && ambient.is_none_or(ReferenceIds::are_texts_that_fit)
    }

    fn row(&self, id: Uuid, reference_ids: References<'a>) -> Row<'a> {
        let some = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
        Row {
            action_id: RowId::Uuid(id),
            project_id: some(self.text(Field::Project)),
            user_id: some(self.text(Field::User)),
            request_id: some(self.text(Field::Request)),
            action_type: some(self.head.action),
            action_details: some(self.text(Field::Details)),
            status: Some(self.head.status.as_str()),
            environment: some(self.text(Field::Environment)),
            reference_ids,
            created_at: Some(unix_ms(self.head.created_at)),
        }
    }

    /// Makes the activity, repaired.
    fn activity(&self, id: Uuid) -> Activity {
        let head = self.head.clone();
        head.into_activity(self.texts, self.references, id)
    }
}
