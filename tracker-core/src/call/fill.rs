//! Functions by which the closure of an attribute fills in the draft of its activity.

use std::fmt;

use crate::{
    HasReferenceIds,
    draft::{Draft, Field},
    panics::{Attribute, caught},
    reference_ids::declared::ReferenceSink,
};

/// The closure of an attribute.
pub(super) type Fill<'a, 't> = &'a mut dyn FnMut(&mut Draft<'t>);

/// Lets `fill` set what is known of a call; a panic in it is logged, and what was set before it is
/// kept.
pub(super) fn fill_in<'t>(draft: &mut Draft<'t>, fill: Fill<'_, 't>, attribute: Attribute) {
    caught(attribute, || {
        fill(draft);
        Some(())
    });
}

/// Says what was done: the name of an action type.
#[inline]
pub fn set_action(draft: &mut Draft<'_>, action: &'static str) {
    draft.set_action(action);
}

/// Sets a field to a text of its own, if there is one.
pub fn copy_text(draft: &mut Draft<'_>, field: Field, text: Option<String>) {
    if let Some(text) = text {
        draft.copy(field, &text);
    }
}

/// Sets the details to a template with the values that were added.
#[inline]
pub fn set_details(draft: &mut Draft<'_>, template: &'static str) {
    draft.set_details(template);
}

/// Sets the details to what is formatted.
pub fn write_details(draft: &mut Draft<'_>, text: fmt::Arguments<'_>) {
    draft.write_details(text);
}

/// `references(output)`: as [`Output`](super::outcome::Output), but the value's type must declare
/// reference IDs.
pub fn add_declared_reference_ids<'t, T: HasReferenceIds>(
    sink: &mut dyn ReferenceSink<'t>,
    output: &'t T,
) {
    output.__tracked_write(sink);
}
