//! The access of `#[tracked(client = …)]` to the caller's client, which the body uses until then.

use std::{cell::Cell, sync::Arc};

use tokio::sync::Mutex;
use tracker_core::{
    Activity, Client, StoreError, Tracker, store::BoxFuture, testing::capture, tracked,
};

/// A transaction that needs exclusive access, like those of sqlx and diesel.
#[derive(Debug, Default)]
struct Exclusive {
    lines: Vec<String>,
}

impl Exclusive {
    fn execute(&mut self, line: &str) -> usize {
        self.lines.push(line.to_owned());
        self.lines.len()
    }
}

/// The statements of a function that is called with a transaction or with a test's double of one.
trait Statements {
    fn statement(&mut self, line: &str) -> usize;
}

impl Statements for Exclusive {
    fn statement(&mut self, line: &str) -> usize {
        self.execute(line)
    }
}

impl Client for &mut Exclusive {
    fn insert<'a>(self, _: &str, activity: Activity) -> BoxFuture<'a, Result<(), StoreError>>
    where
        Self: 'a,
    {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.lines.push(activity.action_details.unwrap_or_default());
            Ok(())
        })
    }
}

#[tracked(action = "deployment", client = tx, details = "recorded")]
async fn parameter(tx: &mut Exclusive) -> usize {
    tx.execute("body")
}

#[tracked(action = "deployment", client = &mut *tx, details = "recorded")]
async fn reference(tx: &mut Exclusive) -> usize {
    tx.execute("body")
}

#[tracked(action = "deployment", client = tx, details = "recorded {name}", record = "always")]
async fn always(mut tx: &mut Exclusive, name: String) -> Result<usize, String> {
    tx = { tx };
    if name.is_empty() {
        Err(name)
    } else {
        Ok(tx.execute("body"))
    }
}

#[tracked(action = "deployment", client = tx.0, details = "recorded")]
async fn field_of_a_parameter(tx: &mut (Exclusive, usize)) -> usize {
    tx.1 += 1;
    tx.0.execute("body")
}

#[tracked(action = "deployment", client = txs[0], details = "recorded")]
async fn element(txs: &mut [Exclusive]) {
    txs[0].execute("body");
}

#[tracked(action = "deployment", client = *tx.lock().await, details = "recorded")]
async fn guard(tx: &Mutex<Exclusive>) -> usize {
    tx.lock().await.execute("body")
}

#[tracked(action = "deployment", client = tx, details = "recorded")]
async fn generic<T>(tx: &mut T) -> usize
where
    T: Statements,
    for<'t> &'t mut T: Client,
{
    tx.statement("body")
}

#[tracked(action = "deployment", client = tx, details = "recorded")]
fn future(tx: &mut Exclusive) -> impl Future<Output = usize> {
    async move { tx.execute("body") }
}

/// A value whose drop is observed. It is `Send` but not `Sync`.
struct Unshared(
    Cell<usize>,
    Arc<std::sync::Mutex<Vec<&'static str>>>,
    &'static str,
);

impl Drop for Unshared {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.2);
    }
}

struct Work {
    tx: Exclusive,
    count: usize,
}

impl Work {
    #[tracked(action = "deployment", client = self.tx, details = "recorded")]
    async fn field_of_an_exclusive_receiver(&mut self, line: &str) -> usize {
        self.count += 1;
        self.tx.execute(line)
    }

    #[tracked(action = "deployment", client = self.transaction(), details = "recorded")]
    async fn method_of_an_exclusive_receiver(&mut self) -> usize {
        self.transaction().execute("body")
    }

    #[tracked(action = "deployment", client = self.tx, details = "recorded {by}", record = "always")]
    async fn with_owned_parameters(
        &mut self,
        by: String,
        first: Unshared,
        mut second: Unshared,
        out: &mut Vec<String>,
    ) -> Result<usize, String> {
        second.0.set(first.0.get() + 1);
        second.2 = "changed";
        out.push(by);
        tokio::task::yield_now().await;
        Ok(self.tx.execute("body"))
    }

    fn transaction(&mut self) -> &mut Exclusive {
        &mut self.tx
    }
}

fn require_send<T: Send>(value: T) -> T {
    value
}

#[tokio::test]
async fn the_body_uses_an_exclusive_client_and_leaves_it_for_recording() {
    let mut tx = Exclusive::default();
    let ((), activities) = capture(async {
        assert_eq!(require_send(parameter(&mut tx)).await, 1);
        assert_eq!(require_send(reference(&mut tx)).await, 3);
        assert_eq!(future(&mut tx).await, 5);
        assert_eq!(always(&mut tx, "named".to_owned()).await, Ok(7));
    })
    .await;
    assert_eq!(
        tx.lines,
        [
            "body",
            "recorded",
            "body",
            "recorded",
            "body",
            "recorded",
            "body",
            "recorded named"
        ]
    );
    assert_eq!(activities.len(), 4);
}

#[tokio::test]
async fn a_generic_function_infers_the_type_of_its_client() {
    let mut tx = Exclusive::default();
    let (length, _) = capture(generic(&mut tx)).await;
    assert_eq!(length, 1);
    assert_eq!(tx.lines, ["body", "recorded"]);
}

#[tokio::test]
async fn a_failure_goes_through_the_tracker_and_not_to_the_exclusive_client() {
    let mut tx = Exclusive::default();
    let (outcome, activities) = capture(always(&mut tx, String::new())).await;
    assert_eq!(outcome, Err(String::new()));
    assert_eq!(activities.len(), 1);
    assert!(tx.lines.is_empty());
}

#[tokio::test]
async fn places_and_pointers_lead_to_an_exclusive_client() {
    let mut pair = (Exclusive::default(), 0);
    let mut slice = [Exclusive::default()];
    let locked = Mutex::new(Exclusive::default());
    capture(async {
        assert_eq!(field_of_a_parameter(&mut pair).await, 1);
        element(&mut slice).await;
        guard(&locked).await;
    })
    .await;
    let [element] = slice;
    for tx in [pair.0, element, locked.into_inner()] {
        assert_eq!(tx.lines, ["body", "recorded"]);
    }
}

#[tokio::test]
async fn an_exclusive_receiver_is_left_for_recording() {
    let mut work = Work {
        tx: Exclusive::default(),
        count: 0,
    };
    capture(async {
        let line = String::from("body");
        assert_eq!(
            require_send(work.field_of_an_exclusive_receiver(&line)).await,
            1
        );
        assert_eq!(work.method_of_an_exclusive_receiver().await, 3);
    })
    .await;
    assert_eq!(work.tx.lines, ["body", "recorded", "body", "recorded"]);
    assert_eq!(work.count, 1);
}

#[tokio::test]
async fn beside_an_exclusive_receiver_arguments_are_the_bodys_and_dropped_in_their_order() {
    let mut work = Work {
        tx: Exclusive::default(),
        count: 0,
    };
    let dropped = Arc::default();
    let unshared = |name| Unshared(Cell::new(1), Arc::clone(&dropped), name);
    let (first, second) = (unshared("first"), unshared("second"));
    let mut out = Vec::new();
    let call = work.with_owned_parameters("user".to_owned(), first, second, &mut out);
    // An argument that is not `Sync` does not keep the future from being `Send`.
    let (outcome, _) = capture(require_send(call)).await;
    assert_eq!(outcome, Ok(1));
    assert_eq!(work.tx.lines, ["body", "recorded user"]);
    assert_eq!(out, ["user"]);
    assert_eq!(*dropped.lock().unwrap(), ["changed", "first"]);
}

#[tokio::test]
async fn activities_by_hand_go_to_an_exclusive_client() {
    let mut tx = Exclusive::default();
    capture(async {
        let tracker = Tracker::current().expect("captured work has a tracker");
        let activity = || Activity::new(tracker_core::ActionType::Deployment).details("by hand");
        tracker.record_in(&mut tx, activity()).await;
        let reference = &mut tx;
        tracker.record_in(&mut *reference, activity()).await;
        tracker.try_record_in(reference, activity()).await.unwrap();
    })
    .await;
    assert_eq!(tx.lines, ["by hand"; 3]);
}
