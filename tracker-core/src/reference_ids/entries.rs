//! The entries of a map of reference IDs.

use std::borrow::Cow;

use super::id::ReferenceId;

pub(super) type Entries = Vec<(Cow<'static, str>, ReferenceId)>;

/// Sets the ID of a name, in the place of an earlier one.
pub(super) fn set(entries: &mut Entries, name: Cow<'static, str>, id: ReferenceId) {
    match entries.iter_mut().find(|(known, _)| *known == name) {
        Some((_, known)) => *known = id,
        None => entries.push((name, id)),
    }
}
