//! What the suites ask of a driver: [`Session`] and [`Driver`].

use std::pin::Pin;

use futures_util::FutureExt;
use tracker_core::{Activity, StoreError, store::BoxFuture};

/// A connection of a driver, in a transaction or not.
pub(crate) trait Session {
    /// Executes a statement, and tells whether it went well.
    async fn execute(&mut self, sql: &'static str) -> bool;

    /// Writes an activity by way of the `Client`.
    fn insert(&mut self, schema: &str, activity: Activity)
    -> BoxFuture<'_, Result<(), StoreError>>;
}

/// How a transaction ends.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Commit,
    Rollback,
}

/// A driver, which runs steps and gives what became of the activities among them, in their order.
pub(crate) trait Driver {
    /// On a connection in no transaction.
    async fn plainly(url: &str, steps: Vec<Step>) -> Vec<Result<(), StoreError>>;

    /// In a transaction, and ends it.
    async fn in_transaction(url: &str, steps: Vec<Step>, end: End) -> Vec<Result<(), StoreError>>;
}

/// What is done on a session.
pub(crate) enum Step {
    /// Work of the caller's own, which succeeds.
    Work,
    /// A statement of the caller's own, which fails.
    Fail(&'static str),
    /// A statement of the caller's own, which succeeds.
    Execute(&'static str),
    /// An activity that is awaited.
    Record(Activity),
    /// An activity for another schema, which is awaited.
    RecordIn(&'static str, Activity),
    /// An activity whose future is polled once and dropped, done or not.
    PollOnce(Activity),
    /// An activity whose future is dropped at that moment, before it has completed.
    Drop(Activity, Moment),
    /// Something elsewhere.
    Await(Moment),
}

/// Completes when something has happened elsewhere.
pub(crate) type Moment = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The statement of [`Step::Work`].
pub(crate) const WORK: &str = "INSERT INTO work VALUES ('done')";

/// Does the steps on a session.
pub(crate) async fn run(
    session: &mut impl Session,
    steps: Vec<Step>,
) -> Vec<Result<(), StoreError>> {
    const SCHEMA: &str = tracker_core::store::DEFAULT_SCHEMA;
    let mut outcomes = Vec::new();
    for step in steps {
        match step {
            Step::Work => assert!(session.execute(WORK).await),
            Step::Execute(sql) => assert!(session.execute(sql).await),
            Step::Fail(sql) => assert!(!session.execute(sql).await),
            Step::Record(activity) => outcomes.push(session.insert(SCHEMA, activity).await),
            Step::RecordIn(schema, activity) => {
                outcomes.push(session.insert(schema, activity).await);
            }
            Step::PollOnce(activity) => drop(session.insert(SCHEMA, activity).now_or_never()),
            Step::Drop(activity, moment) => tokio::select! {
                biased;
                outcome = session.insert(SCHEMA, activity) => panic!("too early: {outcome:?}"),
                () = moment => {}
            },
            Step::Await(moment) => moment.await,
        }
    }
    outcomes
}
