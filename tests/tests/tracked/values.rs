//! Less usual sources of the values that `#[tracked]` records.

use std::{fmt, sync::Arc, time::Duration};

use tokio::sync::Mutex;
use tracker_core::{
    Activity, Client, Context, MemoryStore, StoreError, Tracker, store::BoxFuture, tracked,
};

async fn one<T>(future: impl Future<Output = T>) -> Activity {
    let store = MemoryStore::new();
    let tracker = Tracker::builder().store(store.clone()).build().unwrap();
    tracker.scope(future).await;
    tracker.shutdown(Duration::from_secs(30)).await;
    let mut activities = store.activities();
    assert_eq!(activities.len(), 1, "{activities:?}");
    activities.remove(0)
}

/// A client that remembers the inserted activities.
#[derive(Default)]
struct Remembering(std::sync::Mutex<Vec<Activity>>);

impl Client for &Remembering {
    fn insert<'a>(self, _: &str, activity: Activity) -> BoxFuture<'a, Result<(), StoreError>>
    where
        Self: 'a,
    {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.0.lock().unwrap().push(activity);
            Ok(())
        })
    }
}

impl Client for &mut Remembering {
    fn insert<'a>(self, schema: &str, activity: Activity) -> BoxFuture<'a, Result<(), StoreError>>
    where
        Self: 'a,
    {
        (&*self).insert(schema, activity)
    }
}

struct Database {
    client: Arc<Remembering>,
    locked: Mutex<Remembering>,
}

impl Database {
    fn get(&self) -> &Remembering {
        &self.client
    }

    fn owned(&self) -> Arc<Remembering> {
        Arc::clone(&self.client)
    }

    #[tracked(action = "deployment", client = &self.client)]
    async fn reference(&self) {}

    #[tracked(action = "deployment", client = self.client.as_ref())]
    async fn method_of_a_field(&self) {}

    #[tracked(action = "deployment", client = self.owned())]
    async fn temporary(&self) {}

    #[tracked(action = "deployment", client = *self.locked.lock().await)]
    async fn guard(&self) {}
}

#[tracked(action = "deployment", client = database.get())]
async fn method(database: &Database) {}

#[tracked(action = "deployment", client = &client)]
async fn reference_to_a_reference(client: &Remembering) {}

#[tokio::test]
async fn the_client_may_be_any_expression() {
    let database = Database {
        client: Arc::default(),
        locked: Mutex::default(),
    };
    let tracker = Tracker::builder()
        .store(MemoryStore::new())
        .build()
        .unwrap();
    tracker.scope(database.reference()).await;
    tracker.scope(database.method_of_a_field()).await;
    tracker.scope(database.temporary()).await;
    tracker.scope(method(&database)).await;
    tracker
        .scope(reference_to_a_reference(&database.client))
        .await;
    tracker.scope(database.guard()).await;
    assert_eq!(database.client.0.lock().unwrap().len(), 5);
    assert_eq!(database.locked.into_inner().0.lock().unwrap().len(), 1);
}

struct NoText;

#[tracked(action = "deployment", user = on_behalf_of, project = project)]
async fn with_two_sources(
    user_id: &str,
    on_behalf_of: Option<String>,
    project: Option<u8>,
    project_id: NoText,
) {
    let _ = (user_id, on_behalf_of, project, project_id);
}

#[tokio::test]
async fn a_parameter_stands_in_for_a_value_that_is_none() {
    let context = || {
        Context::new()
            .with_user_id("ambient")
            .with_project_id("ambient")
    };
    let call =
        |user: Option<&str>| with_two_sources("parameter", user.map(Into::into), None, NoText);
    let activity = one(context().scope(call(None))).await;
    assert_eq!(activity.user_id.as_deref(), Some("parameter"));
    // A parameter without a text form can't stand in.
    assert_eq!(activity.project_id.as_deref(), Some("ambient"));
    let activity = one(context().scope(call(Some("other")))).await;
    assert_eq!(activity.user_id.as_deref(), Some("other"));
}

struct HalfAnId;

impl fmt::Display for HalfAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half")?;
        Err(fmt::Error)
    }
}

#[tracked(action = "deployment")]
async fn with_half_ids(user_id: &HalfAnId, request_id: HalfAnId) {
    let _ = (user_id, request_id);
}

#[tokio::test]
async fn half_an_id_is_none() {
    let activity = one(with_half_ids(&HalfAnId, HalfAnId)).await;
    assert_eq!((activity.user_id, activity.request_id), (None, None));
}

struct Typed {
    r#type: u8,
}

#[tracked(
    action = "deployment",
    details = "{r#type} {type} {output.type} {output.r#type}"
)]
async fn raw(r#type: u8) -> Typed {
    Typed { r#type: r#type + 1 }
}

#[tokio::test]
async fn raw_identifiers_are_named_with_and_without_their_prefix() {
    assert_eq!(one(raw(1)).await.action_details.as_deref(), Some("1 1 2 2"));
}

#[rustfmt::skip]
mod unformatted {
    #![deny(warnings)]

    use tracker_core::tracked;

    #[tracked(action = "deployment")]
    pub(crate) async fn one_line() -> u8 { 0 }

    #[tracked(action = "deployment")]
    pub(crate) fn synchronous() -> u8 { 0 }
}

#[tracked(action = "deployment")]
async fn without_a_parameter(#[cfg(any())] user_id: &str, #[cfg(test)] project_id: String) {
    let _ = project_id;
}

#[tokio::test]
async fn a_parameter_that_is_not_there_is_not_read() {
    one(unformatted::one_line()).await;
    one(async { unformatted::synchronous() }).await;
    let activity = one(without_a_parameter("p".into())).await;
    assert_eq!(activity.user_id, None);
    assert_eq!(activity.project_id.as_deref(), Some("p"));
}

#[tracked(action = "deployment", details("{0} {0:>2}", output.next()))]
async fn counted() -> Counter {
    Counter::default()
}

/// A counter of its own evaluations.
#[derive(Default)]
struct Counter(std::cell::Cell<u8>);

impl Counter {
    fn next(&self) -> u8 {
        self.0.set(self.0.get() + 1);
        self.0.get()
    }
}

#[tokio::test]
async fn an_argument_that_two_placeholders_take_is_evaluated_once() {
    assert_eq!(one(counted()).await.action_details.as_deref(), Some("1  1"));
}
