//! The activities of a piece of work, and the destination of each: [`Captured`].

use std::{
    collections::HashSet,
    mem,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, PoisonError},
    vec,
};

use crate::Activity;

/// The activities that [`capture`](super::capture) has captured, in the order of recording.
///
/// It dereferences to the vector of activities. In addition it knows which of them went to a
/// [`Client`](crate::Client) of the caller's.
///
/// ```
/// use std::{future::ready, sync::Mutex};
/// use tracker_core::{Activity, Client, StoreError, store::BoxFuture, tracked};
/// use tracker_core::testing::{capture, expect_activity};
///
/// #[derive(Default)]
/// struct Transaction(Mutex<Vec<Activity>>);
///
/// impl Client for &Transaction {
///     fn insert<'a>(self, _: &str, activity: Activity) -> BoxFuture<'a, Result<(), StoreError>>
///     where
///         Self: 'a,
///     {
///         self.0.lock().expect("nothing panics").push(activity);
///         Box::pin(ready(Ok(())))
///     }
/// }
///
/// #[tracked(action = "deployment", client = transaction)]
/// async fn deploy(transaction: &Transaction) {}
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let transaction = Transaction::default();
/// let ((), activities) = capture(deploy(&transaction)).await;
/// assert_eq!(activities.len(), 1);
/// expect_activity("deployment").on_client().assert_recorded_once(&activities);
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Captured {
    activities: Vec<Activity>,
    /// The IDs of the activities that went to a client.
    on_client: HashSet<String>,
}

impl Captured {
    pub(super) fn new(activities: Vec<Activity>, taken: &ByClients) -> Self {
        Self {
            activities,
            on_client: mem::take(&mut *taken.ids()),
        }
    }

    /// Returns whether an activity was written on the caller's own connection or transaction,
    /// instead of the tracker's store.
    #[must_use]
    pub fn is_on_client(&self, activity: &Activity) -> bool {
        self.on_client.contains(&activity.action_id)
    }
}

impl Deref for Captured {
    type Target = Vec<Activity>;

    fn deref(&self) -> &Vec<Activity> {
        &self.activities
    }
}

impl DerefMut for Captured {
    fn deref_mut(&mut self) -> &mut Vec<Activity> {
        &mut self.activities
    }
}

impl IntoIterator for Captured {
    type Item = Activity;
    type IntoIter = vec::IntoIter<Activity>;

    fn into_iter(self) -> Self::IntoIter {
        self.activities.into_iter()
    }
}

impl<'a> IntoIterator for &'a Captured {
    type Item = &'a Activity;
    type IntoIter = std::slice::Iter<'a, Activity>;

    fn into_iter(self) -> Self::IntoIter {
        self.activities.iter()
    }
}

impl From<Captured> for Vec<Activity> {
    fn from(captured: Captured) -> Self {
        captured.activities
    }
}

/// Compares the activities, regardless of their destinations.
impl<const N: usize> PartialEq<[Activity; N]> for Captured {
    fn eq(&self, activities: &[Activity; N]) -> bool {
        self.activities == activities
    }
}

/// The activities that an [expectation](super::ExpectedActivity) searches: a list, or [`Captured`]
/// ones.
pub trait Activities {
    /// Returns all activities.
    fn activities(&self) -> &[Activity];

    /// Returns whether the activity is known to have gone to a client of the caller's.
    fn is_on_client(&self, activity: &Activity) -> bool {
        let _ = activity;
        false
    }
}

impl Activities for [Activity] {
    fn activities(&self) -> &[Activity] {
        self
    }
}

impl<const N: usize> Activities for [Activity; N] {
    fn activities(&self) -> &[Activity] {
        self
    }
}

impl Activities for Vec<Activity> {
    fn activities(&self) -> &[Activity] {
        self
    }
}

impl Activities for Captured {
    fn activities(&self) -> &[Activity] {
        self
    }

    fn is_on_client(&self, activity: &Activity) -> bool {
        self.is_on_client(activity)
    }
}

/// What goes to clients from a tracker that captures.
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

    fn ids(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
