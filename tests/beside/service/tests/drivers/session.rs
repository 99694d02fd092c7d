//! The interface between the suites and a driver: [`Session`] and [`Driver`].

use std::pin::Pin;

use futures_util::FutureExt;
use tracker_core::{Activity, StoreError, store::BoxFuture};

/// A connection of a driver, inside or outside of a transaction.
pub(crate) trait Session {
    /// Executes a statement and returns whether it succeeded.
    async fn execute(&mut self, sql: &'static str) -> bool;

    /// Writes an activity through the `Client` implementation.
    fn insert(&mut self, schema: &str, activity: Activity)
    -> BoxFuture<'_, Result<(), StoreError>>;
}

/// The end of a transaction.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Commit,
    Rollback,
}

/// A driver that runs steps. It returns the outcomes of the activities among them, in order.
pub(crate) trait Driver {
    /// Runs the steps on a connection outside of a transaction.
    async fn plainly(url: &str, steps: Vec<Step>) -> Vec<Result<(), StoreError>>;

    /// Runs the steps in a transaction and ends it.
    async fn in_transaction(url: &str, steps: Vec<Step>, end: End) -> Vec<Result<(), StoreError>>;
}

/// A step on a session.
pub(crate) enum Step {
    /// The caller's statement [`WORK`], which must succeed.
    Work,
    /// A statement of the caller's, which must fail.
    Fail(&'static str),
    /// A statement of the caller's, which must succeed.
    Execute(&'static str),
    /// Records an activity and awaits it.
    Record(Activity),
    /// Records an activity in another schema and awaits it.
    RecordIn(&'static str, Activity),
    /// Polls the future of an activity once and drops it, complete or not.
    PollOnce(Activity),
    /// Drops the future of an activity once the moment has come. The future must not be complete by
    /// then.
    Drop(Activity, Moment),
    /// Awaits an event elsewhere.
    Await(Moment),
}

/// A future that completes when an event elsewhere has happened.
pub(crate) type Moment = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The statement of [`Step::Work`].
pub(crate) const WORK: &str = "INSERT INTO work VALUES ('done')";

/// Runs the steps on a session.
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
