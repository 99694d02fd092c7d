//! The reference IDs that a context adds to each activity: [`References`].

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    ReferenceIds,
    limits::{self, ID_CHARS_MAX, REFERENCES_MAX},
};

/// At most [`REFERENCES_MAX`] names with string IDs, shared with the rows that are recorded. An
/// empty ID is kept, because it hides that of an outer scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct References(Option<Arc<ReferenceIds>>);

impl References {
    pub(super) fn shared(&self) -> Option<&Arc<ReferenceIds>> {
        self.0.as_ref()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(super) fn contains_name(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|ids| ids.contains_name(name))
    }

    /// Sets an ID, unless its name is empty, or is new and there is no room for it.
    pub(super) fn set(&mut self, mut name: Cow<'static, str>, mut id: String) {
        limits::repair_name(&mut name);
        limits::repair(&mut id, ID_CHARS_MAX);
        let is_full = |ids: &Arc<ReferenceIds>| ids.len() >= REFERENCES_MAX;
        let has_room = !self.0.as_ref().is_some_and(is_full) || self.contains_name(&name);
        if has_room && !name.is_empty() {
            Arc::make_mut(self.0.get_or_insert_default()).insert(name, id);
        }
    }

    /// Returns these references, completed from `outer` as far as there is room.
    pub(super) fn over(self, outer: &Self) -> Self {
        match (self.0, &outer.0) {
            (None, outer) => Self(outer.clone()),
            (own, None) => Self(own),
            (Some(mut own), Some(outer)) => {
                Arc::make_mut(&mut own).add_missing(outer, REFERENCES_MAX);
                Self(Some(own))
            }
        }
    }
}

impl Serialize for References {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_deref().serialize(serializer)
    }
}

/// Reads a map of names to strings. A `null` in place of a string, or of the map, sets nothing.
impl<'de> Deserialize<'de> for References {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ids = Option::<BTreeMap<String, Option<String>>>::deserialize(deserializer)?;
        let mut references = Self::default();
        for (name, id) in ids.into_iter().flatten() {
            if let Some(id) = id {
                references.set(Cow::Owned(name), id);
            }
        }
        Ok(references)
    }
}
