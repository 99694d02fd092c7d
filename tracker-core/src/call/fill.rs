//! Functions by which the closure of an attribute fills in the draft of its activity.

use crate::{
    HasReferenceIds,
    draft::{Draft, Field},
    panics::{Attribute, caught},
    reference_ids::declared::ReferenceSink,
};

/// The closure of an attribute.
pub(super) type Fill<'a> = &'a mut dyn FnMut(&mut Draft);

/// Lets `fill` set what is known of a call; a panic in it is logged, and what was set before it is
/// kept.
pub(super) fn fill_in(draft: &mut Draft, fill: Fill<'_>, attribute: Attribute) {
    caught(attribute, || {
        fill(draft);
        Some(())
    });
}

/// Says what was done: the name of an action type.
#[inline]
pub fn set_action(draft: &mut Draft, action: &'static str) {
    draft.set_action(action);
}

/// Sets a field to the value of a parameter whose type is spelled `&str`, which needs no
/// formatting.
pub fn set_str(draft: &mut Draft, field: Field, text: &str) {
    draft.write_str(field, text);
}

/// Sets a field to a text that was read before the body.
pub fn set_text(draft: &mut Draft, field: Field, text: Option<String>) {
    if let Some(text) = text {
        draft.write_str(field, &text);
    }
}

/// `references(output)`: as [`Output`](super::outcome::Output), but the value's type must declare
/// reference IDs.
pub fn add_declared_reference_ids<T: HasReferenceIds>(draft: &mut Draft, output: &T) {
    output.__tracked_write(draft);
}

/// `references(name = value)`, whose value was read before the body.
pub fn write_reference_text(draft: &mut Draft, name: &'static str, id: Option<String>) {
    if let Some(id) = id {
        draft.write_reference_str(name, &id);
    }
}
