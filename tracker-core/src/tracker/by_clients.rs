//! The activities that a test captures on clients of the caller's: [`ByClients`].

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::Activity;

/// The clients of the caller's that a capturing tracker records on, and what they have taken.
#[derive(Clone, Debug)]
pub(crate) struct ByClients {
    /// The schema in which it goes there.
    schema: String,
    /// The IDs of the activities that clients have taken.
    taken: Arc<Mutex<HashSet<String>>>,
}

impl ByClients {
    pub(crate) fn in_schema(schema: &str) -> Self {
        Self {
            schema: schema.to_owned(),
            taken: Arc::default(),
        }
    }

    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    pub(crate) fn add(&self, activity: &Activity) {
        self.ids().insert(activity.action_id.clone());
    }

    /// The IDs of the activities that clients have taken, which are known here no more.
    pub(crate) fn take_ids(&self) -> HashSet<String> {
        mem::take(&mut self.ids())
    }

    fn ids(&self) -> MutexGuard<'_, HashSet<String>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
