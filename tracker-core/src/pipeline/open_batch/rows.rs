//! A batch that takes no more, from whose memory stores write the rows: [`Rows`].

#[cfg(test)]
mod tests;

use std::{borrow::Cow, mem, ops::Range, sync::Arc};

use uuid::Uuid;

use super::{
    Ambient, Len, OpenBatch, Other, Packed, Reference, Rest,
    names::{Name, Names},
    spares::Spares,
};
use crate::{
    Activity, ReferenceIds,
    action_id::ActionIds,
    clock, details,
    draft::{Draft, FIELDS},
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
    /// The details of drafts that are made of a template and several pieces.
    details: String,
    places: Vec<Place>,
    spares: Arc<Spares>,
}

/// The ID of a draft, which is nil for an activity, and where it has its other values.
#[derive(Debug)]
struct Place {
    id: Uuid,
    texts: usize,
    references: usize,
    /// The place among the details; empty for those that are one of the texts.
    details: Range<usize>,
}

/// Texts that stand one behind the other.
#[derive(Clone, Copy)]
struct Pieces<'a>(&'a str);

impl<'a> Pieces<'a> {
    /// The next text, if there is one of this length.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a call would cost a part of what it does"
    )]
    fn take(&mut self, len: Len) -> Option<&'a str> {
        let (text, rest) = self.0.split_at_checked(len.bytes()?)?;
        self.0 = rest;
        Some(text)
    }

    /// The texts behind so many bytes.
    #[inline]
    fn behind(self, bytes: usize) -> Self {
        Self(self.0.get(bytes..).unwrap_or_default())
    }
}

impl Rows {
    /// Gives each draft a new ID. A draft that does not fit a row becomes a repaired activity.
    pub(crate) fn new(mut batch: OpenBatch, ids: &ActionIds, spares: Arc<Spares>) -> Self {
        // Nothing but whole texts was written there.
        let texts = String::from_utf8(mem::take(&mut batch.texts)).unwrap_or_default();
        let (places, details) = places(&batch, &texts);
        let has_nul = !limits::has_no_nul(&texts);
        let mut rows = Self {
            batch,
            texts,
            details,
            places,
            spares,
        };
        let names = rows.batch.names.texts();
        let names_fit: Vec<_> = names.map(limits::is_sure_to_fit).collect();
        let mut repaired = Vec::new();
        for at in 0..rows.len() {
            let Kind::Draft(draft) = rows.kind(at) else {
                continue;
            };
            let id = ids.next(draft.packed.created_at);
            if !draft.fits(&names_fit, has_nul) {
                repaired.push((at, Other::Activity(Box::new(draft.activity(id)))));
            }
            rows.places[at].id = id;
        }
        rows.batch.replace_others(repaired);
        rows
    }

    /// The activity that a draft becomes, for one that goes through no batch.
    pub(crate) fn activity_of(draft: &Draft<'_>, ambient: Ambient<'_>) -> Activity {
        let mut batch = OpenBatch::default();
        batch.push_draft(draft, ambient);
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
        let (packed, place) = (&batch.rows[at], &self.places[at]);
        let references = place.references..place.references + usize::from(packed.references);
        Kind::Draft(DraftRow {
            packed,
            names: &batch.names,
            texts: Pieces(self.texts.get(place.texts..).unwrap_or_default()),
            composed: self.details.get(place.details.clone()).unwrap_or_default(),
            references: batch.references.get(references).unwrap_or_default(),
            rest,
        })
    }
}

/// Finds out where the rows have their values, and composes the details that are not one text.
fn places(batch: &OpenBatch, texts: &str) -> (Vec<Place>, String) {
    let templates: Vec<_> = batch.names.texts().map(details::pieces).collect();
    let mut details = String::new();
    let (mut text, mut reference) = (0, 0);
    let places = batch.rows.iter().map(|row| {
        let (texts_begin, references, details_begin) = (text, reference, details.len());
        text += bytes(row.fields.each());
        let template = row.template.and_then(|name| templates.get(name.position()));
        if let Some(pieces) = template.filter(|pieces| !details::are_whole(pieces)) {
            let mut rest = Pieces(texts.get(text..).unwrap_or_default());
            let values = row
                .values
                .each()
                .into_iter()
                .map_while(|value| rest.take(value));
            details::write(pieces, values, |piece| details.push_str(piece));
        }
        text += bytes(row.values.each());
        reference += usize::from(row.references);
        let own = batch.references.get(references..reference);
        text += bytes(own.unwrap_or_default().iter().map(|reference| reference.id));
        Place {
            id: Uuid::nil(),
            texts: texts_begin,
            references,
            details: details_begin..details.len(),
        }
    });
    (places.collect(), details)
}

/// The bytes of texts of these lengths.
#[inline]
fn bytes(lens: impl IntoIterator<Item = Len>) -> usize {
    lens.into_iter().map(|len| len.bytes().unwrap_or(0)).sum()
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
        self.places.len()
    }

    fn row(&self, at: usize) -> Row<'_> {
        match self.kind(at) {
            Kind::Activity(activity) => Row::from(activity),
            Kind::Draft(draft) => draft.row(self.places[at].id, References::Texts(self, at)),
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

/// One of the recorded activities.
enum Kind<'a> {
    Activity(&'a Activity),
    Draft(DraftRow<'a>),
}

/// A draft within a batch.
struct DraftRow<'a> {
    packed: &'a Packed,
    names: &'a Names,
    /// Its texts, and those of the rows behind it.
    texts: Pieces<'a>,
    /// Its details, if they are not one of the texts.
    composed: &'a str,
    references: &'a [Reference],
    rest: Option<&'a Rest>,
}

impl<'a> DraftRow<'a> {
    fn action(&self) -> Option<&'static str> {
        self.packed.action.map(|name| self.names.text(name))
    }

    /// Returns the texts of the fields, in the order of [`Field`](crate::draft::Field).
    #[inline]
    fn fields(&self) -> [Option<&'a str>; FIELDS] {
        let mut texts = self.texts;
        let [user, request, project, environment] = self.packed.fields.each();
        [
            texts.take(user),
            texts.take(request),
            texts.take(project),
            texts.take(environment),
        ]
    }

    fn details(&self) -> Option<&'a str> {
        self.packed.template?;
        if !self.composed.is_empty() {
            return Some(self.composed);
        }
        let [value, ..] = self.packed.values.each();
        self.texts
            .behind(bytes(self.packed.fields.each()))
            .take(value)
    }

    fn created_at(&self) -> i64 {
        clock::ms(self.packed.created_at)
    }

    fn ambient(&self) -> Option<&'a ReferenceIds> {
        self.rest?.ambient.as_deref()
    }

    /// Returns its own references that are texts, in the order in which they were written.
    fn own_references(&self) -> impl Iterator<Item = (&'static str, &'a str)> + Clone {
        let before = bytes(self.packed.fields.each()) + bytes(self.packed.values.each());
        let (mut ids, names) = (self.texts.behind(before), self.names);
        self.references.iter().filter_map(move |reference| {
            let id = ids.take(reference.id)?;
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
        let own = own.map(|(name, id)| -> (&str, _) { (name, id) });
        own.chain(ambient.filter(move |(name, _)| is_new(name)))
    }

    /// Returns true if a repair would change nothing, which holds for nearly all. It may be false
    /// for a draft whose texts have many bytes and few characters.
    ///
    /// `names_fit` tells so for each name, and `has_nul` is false if no text of the batch has a NUL
    /// character.
    fn fits(&self, names_fit: &[bool], has_nul: bool) -> bool {
        let is_id = |len: Len| len.bytes().is_none_or(|bytes| bytes <= ID_CHARS_MAX);
        let name_fits = |name: Name| names_fit.get(name.position()) == Some(&true);
        let [value, ..] = self.packed.values.each();
        let details = self.composed.len().max(value.bytes().unwrap_or(0));
        self.packed.action.is_none_or(name_fits)
            && self.packed.fields.each().into_iter().all(is_id)
            && details <= DETAILS_CHARS_MAX
            && self.references_fit(name_fits)
            && !(has_nul && self.has_nul())
    }

    fn references_fit(&self, name_fits: impl Fn(Name) -> bool) -> bool {
        let (own, ambient) = (self.references, self.ambient());
        let len = own.len() + ambient.map_or(0, ReferenceIds::len);
        let own_fit = own.iter().enumerate().all(|(at, reference)| {
            let name = self.names.text(reference.name);
            let mut before = own[..at].iter();
            !name.is_empty()
                && name_fits(reference.name)
                && before.all(|known| self.names.text(known.name) != name)
                && (reference.id.bytes()).is_some_and(|len| (1..=ID_CHARS_MAX).contains(&len))
        });
        self.rest.is_none_or(|rest| rest.references.is_none())
            && len <= REFERENCES_MAX
            && own_fit
            && ambient.is_none_or(ReferenceIds::are_texts_that_fit)
    }

    fn has_nul(&self) -> bool {
        let ids = self.own_references().map(|(_, id)| id);
        let texts = self.fields().into_iter().chain([self.details()]).flatten();
        !texts.chain(ids).all(limits::has_no_nul)
    }

    fn row(&self, id: Uuid, reference_ids: References<'a>) -> Row<'a> {
        let some = |text: Option<&'a str>| text.filter(|text| !text.is_empty());
        let [user_id, request_id, project_id, environment] = self.fields().map(some);
        Row {
            action_id: RowId::Uuid(id),
            project_id,
            user_id,
            request_id,
            action_type: some(self.action()),
            action_details: some(self.details()),
            status: Some(self.packed.ended.status().as_str()),
            environment,
            reference_ids,
            created_at: Some(self.created_at()),
        }
    }

    /// Makes the activity, repaired.
    fn activity(&self, id: Uuid) -> Activity {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let [user_id, request_id, project_id, environment] = self.fields().map(owned);
        let mut activity = Activity {
            project_id,
            user_id,
            request_id,
            action_type: self.action().map(Cow::Borrowed),
            action_details: owned(self.details()),
            environment,
            created_at: Some(self.created_at()),
            ..Activity::empty(id.to_string())
        };
        activity.status = Some(self.packed.ended.status().clone());
        if let Some(references) = self.rest.and_then(|rest| rest.references.as_ref()) {
            activity.reference_ids = references.clone();
        }
        for (name, id) in self.own_references() {
            activity.reference_ids.insert_string(name, id.to_owned());
        }
        if let Some(ambient) = self.ambient() {
            activity.reference_ids.add_missing(ambient, usize::MAX);
        }
        activity.repair();
        activity
    }
}
