//! A batch that takes no more, from whose memory stores write the rows: [`Rows`].

#[cfg(test)]
mod tests;

use std::{borrow::Cow, mem, sync::Arc};

use uuid::Uuid;

use super::{OpenBatch, Other, Packed, Reference, names::Names, spares::Spares};
use crate::{
    Activity, ReferenceIds,
    action_id::ActionIds,
    clock,
    draft::{Draft, Field, Rest, Span},
    limits::{self, DETAILS_CHARS_MAX, ID_CHARS_MAX, REFERENCES_MAX},
    row::{References, Row, RowId, Texts},
    store::PackedRows,
};

/// Activities, and drafts whose texts fit a row as they are. The memory goes to the spares when
/// this is dropped.
#[derive(Debug)]
pub(crate) struct Rows {
    /// The batch without its texts.
    batch: OpenBatch,
    texts: String,
    /// The IDs of the drafts; those of activities are nil.
    ids: Vec<Uuid>,
    spares: Arc<Spares>,
}

impl Rows {
    /// Gives each draft a new ID. A draft that does not fit a row becomes a repaired activity.
    pub(crate) fn new(mut batch: OpenBatch, ids: &ActionIds, spares: Arc<Spares>) -> Self {
        // Nothing but whole texts was written there.
        let texts = String::from_utf8(mem::take(&mut batch.texts)).unwrap_or_default();
        let has_nul = !limits::has_no_nul(&texts);
        let mut rows = Self {
            ids: Vec::with_capacity(batch.len()),
            batch,
            texts,
            spares,
        };
        let mut repaired = Vec::new();
        for at in 0..rows.batch.len() {
            let Kind::Draft(draft) = rows.kind(at) else {
                rows.ids.push(Uuid::nil());
                continue;
            };
            let id = ids.next(draft.packed.created_at);
            if !draft.fits(has_nul) {
                repaired.push((at, Other::Activity(Box::new(draft.activity(id)))));
            }
            rows.ids.push(id);
        }
        rows.batch.replace_others(repaired);
        rows
    }

    /// Takes the activity that a draft becomes, for one that goes through no batch.
    pub(crate) fn activity_of(draft: &mut Draft) -> Activity {
        let mut batch = OpenBatch::default();
        batch.push_draft(draft);
        let rows = Self::new(batch, &ActionIds::default(), Arc::default());
        rows.row(0).to_activity()
    }

    #[inline]
    fn kind(&self, at: usize) -> Kind<'_> {
        let batch = &self.batch;
        let rest = match batch.other(at) {
            Some(Other::Activity(activity)) => return Kind::Activity(activity),
            Some(Other::Rest(rest)) => Some(&**rest),
            None => None,
        };
        let packed = &batch.rows[at];
        let before = at.checked_sub(1).and_then(|before| batch.rows.get(before));
        let (texts, references) = before.map_or((0, 0), Packed::ends);
        let (texts_end, references_end) = packed.ends();
        Kind::Draft(DraftRow {
            packed,
            names: &batch.names,
            texts: self.texts.get(texts..texts_end).unwrap_or_default(),
            references: batch
                .references
                .get(references..references_end)
                .unwrap_or_default(),
            rest,
        })
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        let mut batch = mem::take(&mut self.batch);
        batch.texts = mem::take(&mut self.texts).into_bytes();
        self.spares.give(batch);
    }
}

impl PackedRows for Rows {
    fn len(&self) -> usize {
        self.ids.len()
    }

    fn row(&self, at: usize) -> Row<'_> {
        match self.kind(at) {
            Kind::Activity(activity) => Row::from(activity),
            Kind::Draft(draft) => draft.row(self.ids[at], References::Texts(self, at)),
        }
    }
}

impl Texts for Rows {
    fn references<'a>(&'a self, at: usize, take: &mut dyn FnMut(&'a str, &'a str)) {
        if let Kind::Draft(draft) = self.kind(at) {
            draft.references().for_each(|(name, id)| take(name, id));
        }
    }
}

impl OpenBatch {
    /// The values of a row that few have.
    #[inline]
    fn other(&self, at: usize) -> Option<&Other> {
        if self.others.is_empty() {
            return None;
        }
        let found = self
            .others
            .binary_search_by_key(&at, |(row, _)| *row)
            .ok()?;
        self.others.get(found).map(|(_, other)| other)
    }

    /// Puts others in the places of those that their rows had.
    fn replace_others(&mut self, others: Vec<(usize, Other)>) {
        for (row, other) in others {
            match self.others.binary_search_by_key(&row, |(row, _)| *row) {
                Ok(at) => self.others[at].1 = other,
                Err(at) => self.others.insert(at, (row, other)),
            }
        }
    }
}

impl Packed {
    /// The ends of its texts and of its references.
    fn ends(&self) -> (usize, usize) {
        (self.texts_end as usize, self.references_end as usize)
    }
}

/// One of the recorded activities.
enum Kind<'a> {
    Activity(&'a Activity),
    Draft(DraftRow<'a>),
}

/// A draft within a batch.
struct DraftRow<'a> {
    packed: &'a Packed,
    names: &'a Names,
    texts: &'a str,
    references: &'a [Reference],
    rest: Option<&'a Rest>,
}

impl<'a> DraftRow<'a> {
    fn text(&self, field: Field) -> Option<&'a str> {
        self.texts.get(self.packed.texts[field as usize].range()?)
    }

    fn action(&self) -> Option<&'static str> {
        self.packed.action.map(|name| self.names.text(name))
    }

    fn created_at(&self) -> i64 {
        clock::ms(self.packed.created_at)
    }

    fn ambient(&self) -> Option<&'a ReferenceIds> {
        self.rest?.ambient.as_deref()
    }

    /// Returns its own references that are texts, in the order in which they were written.
    fn own_references(&self) -> impl Iterator<Item = (&'a str, &'a str)> + Clone {
        let (texts, names) = (self.texts, self.names);
        self.references.iter().filter_map(move |reference| {
            let id = texts.get(reference.id.range()?)?;
            Some((names.text(reference.name), id))
        })
    }

    /// Returns the references that are texts: its own, and those of the context under other names.
    fn references(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        let own = self.own_references();
        let ambient = self.ambient().into_iter();
        let ambient = ambient.flat_map(ReferenceIds::texts);
        let names = own.clone();
        let is_new = move |name: &str| names.clone().all(|(known, _)| known != name);
        own.chain(ambient.filter(move |(name, _)| is_new(name)))
    }

    /// Returns true if a repair would change nothing, which holds for nearly all. It may be false
    /// for a draft whose texts have many bytes and few characters.
    ///
    /// `has_nul` is false if no text of the batch has a NUL character.
    fn fits(&self, has_nul: bool) -> bool {
        let is_within = |place: Span, bytes_max: usize| {
            place.range().is_none_or(|range| {
                range.len() <= bytes_max
                    && (!has_nul || self.texts.get(range).is_some_and(limits::has_no_nul))
            })
        };
        let fits =
            |field: Field, bytes_max| is_within(self.packed.texts[field as usize], bytes_max);
        self.action().is_none_or(limits::is_sure_to_fit)
            && fits(Field::User, ID_CHARS_MAX)
            && fits(Field::Request, ID_CHARS_MAX)
            && fits(Field::Project, ID_CHARS_MAX)
            && fits(Field::Environment, ID_CHARS_MAX)
            && fits(Field::Details, DETAILS_CHARS_MAX)
            && self.references_fit(|id| is_within(id, ID_CHARS_MAX))
    }

    fn references_fit(&self, is_id: impl Fn(Span) -> bool) -> bool {
        let (own, ambient) = (self.references, self.ambient());
        let len = own.len() + ambient.map_or(0, ReferenceIds::len);
        let own_fit = own.iter().enumerate().all(|(at, reference)| {
            let name = self.names.text(reference.name);
            let mut before = own[..at].iter();
            !name.is_empty()
                && limits::is_sure_to_fit(name)
                && before.all(|known| self.names.text(known.name) != name)
                && reference.id.range().is_some_and(|range| !range.is_empty())
                && is_id(reference.id)
        });
        self.rest.is_none_or(|rest| rest.references.is_empty())
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
            action_type: some(self.action()),
            action_details: some(self.text(Field::Details)),
            status: Some(self.packed.ended.status().as_str()),
            environment: some(self.text(Field::Environment)),
            reference_ids,
            created_at: Some(self.created_at()),
        }
    }

    /// Makes the activity, repaired.
    fn activity(&self, id: Uuid) -> Activity {
        let text = |field| self.text(field).map(str::to_owned);
        let mut activity = Activity {
            project_id: text(Field::Project),
            user_id: text(Field::User),
            request_id: text(Field::Request),
            action_type: self.action().map(Cow::Borrowed),
            action_details: text(Field::Details),
            environment: text(Field::Environment),
            created_at: Some(self.created_at()),
            ..Activity::empty(id.to_string())
        };
        activity.status = Some(self.packed.ended.status().clone());
        if let Some(rest) = self.rest {
            activity.reference_ids = rest.references.clone();
        }
        for reference in self.references {
            if let Some(id) = reference.id.range().and_then(|range| self.texts.get(range)) {
                let name = self.names.text(reference.name);
                activity.reference_ids.insert_string(name, id.to_owned());
            }
        }
        if let Some(ambient) = self.ambient() {
            activity.reference_ids.add_missing(ambient, usize::MAX);
        }
        activity.repair();
        activity
    }
}
