//! Code of the user's that panics, blocks or calls back: none of it reaches a tracked function or stops the writer. A log that panics is in
//! `panicking_log.rs`.

use std::{
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    task::{Context, Wake},
    thread,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use tracker_core::{
    ActionSet, ActionType, Activity, Client, MemoryStore, NamedAction, Store, StoreError, Tracker,
    store::{Batch, BoxFuture},
    timeline::{Page, Query},
    tracked,
};
use tracker_tests::{
    faulty_store::{Fault, FaultyStore},
    process::wait_until,
    quick::quick,
};

const LIMIT: Duration = Duration::from_secs(30);

fn activity() -> Activity {
    Activity::new(ActionType::Deployment)
}

/// Calls back into the tracker when it is woken.
struct Caller(Mutex<Option<Tracker>>, Mutex<Sender<u64>>);

impl Wake for Caller {
    fn wake(self: Arc<Self>) {
        if let Some(tracker) = &*self.0.lock().unwrap() {
            let _ = self.1.lock().unwrap().send(tracker.stats().stored);
        }
    }
}

#[test]
fn a_waker_may_call_the_tracker() {
    let tracker = quick(MemoryStore::new()).build().unwrap();
    let (sender, woken) = channel();
    let waker = Arc::new(Caller(
        Mutex::new(Some(tracker.clone())),
        Mutex::new(sender),
    ))
    .into();
    tracker.record(activity());
    let mut flushed = Box::pin(tracker.flush());
    if flushed
        .as_mut()
        .poll(&mut Context::from_waker(&waker))
        .is_pending()
    {
        assert_eq!(woken.recv_timeout(LIMIT), Ok(1));
    }
}

/// A store whose write blocks its thread until the test releases it.
struct Blocking(Mutex<Receiver<()>>);

impl Store for Blocking {
    fn write(&self, _: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        let _ = self.0.lock().unwrap().recv();
        Box::pin(std::future::ready(Ok(())))
    }
    fn timeline(&self, _: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        Box::pin(std::future::ready(Ok(Page::default())))
    }
    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(std::future::ready(Ok(())))
    }
    fn describe(&self) -> String {
        panic!("expected by this test");
    }
}

#[tokio::test]
async fn a_store_that_blocks_the_writers_thread_does_not_hold_up_a_shutdown() {
    let (unblock, blocked) = channel();
    let tracker = quick(Blocking(Mutex::new(blocked))).build().unwrap();
    tracker.record(activity());
    let started = Instant::now();
    let stats = tracker.shutdown(Duration::from_millis(100)).await;
    assert!(started.elapsed() < LIMIT);
    assert_eq!(
        (
            stats.recorded,
            stats.queued,
            stats.dropped.shutdown_deadline
        ),
        (1, 0, 1)
    );
    // An activity that is stored after all counts as stored alone.
    drop(unblock);
    wait_until(LIMIT, "it is stored", || tracker.stats().stored == 1);
    let stats = tracker.shutdown(LIMIT).await;
    assert!(stats.is_balanced(), "{stats:?}");
    assert_eq!((stats.recorded, stats.dropped.total()), (1, 0), "{stats:?}");
}

/// A store that holds the last handle of its own tracker, and drops it during a write.
#[derive(Clone)]
struct Owning(MemoryStore, Arc<Mutex<Option<Tracker>>>);

impl Store for Owning {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        drop(self.1.lock().unwrap().take());
        self.0.write(batch)
    }
    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        self.0.timeline(query)
    }
    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.0.migrate()
    }
    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.check()
    }
    fn describe(&self) -> String {
        self.0.describe()
    }
}

#[test]
fn a_last_handle_that_is_dropped_on_the_writers_thread_loses_nothing() {
    let memory = MemoryStore::new();
    let handle = Arc::new(Mutex::new(None));
    let tracker = quick(Owning(memory.clone(), Arc::clone(&handle)))
        .batch_rows(1)
        .build()
        .unwrap();
    // The lock keeps the store from writing before the handle is in place.
    let mut slot = handle.lock().unwrap();
    for _ in 0..10 {
        tracker.record(activity());
    }
    *slot = Some(tracker);
    drop(slot);
    wait_until(LIMIT, "all is written", || memory.activities().len() == 10);
}

struct HostileAction;

impl ActionSet for HostileAction {
    const ACTIONS: &'static [NamedAction] = &[];

    fn name(&self) -> &'static str {
        panic!("expected by this test");
    }
}

#[tracked(action = HostileAction)]
async fn with_a_hostile_action(user_id: &str) -> usize {
    user_id.len()
}

/// A client that panics in `insert` or when its future is polled.
struct HostileClient {
    when_polled: bool,
}

impl Client for &HostileClient {
    fn insert<'a>(self, _: &str, _: Activity) -> BoxFuture<'a, Result<(), StoreError>>
    where
        Self: 'a,
    {
        assert!(self.when_polled, "expected by this test");
        Box::pin(async { panic!("expected by this test") })
    }
}

#[tracked(action = "deployment", client = client)]
async fn on_a_hostile_client(client: &HostileClient) -> usize {
    size_of_val(client)
}

#[tokio::test]
async fn a_panic_of_an_action_or_a_client_stays_with_the_tracker() {
    let tracker = quick(MemoryStore::new()).build().unwrap();
    assert_eq!(tracker.scope(with_a_hostile_action("four")).await, 4);
    for when_polled in [false, true] {
        let client = HostileClient { when_polled };
        assert_eq!(tracker.scope(on_a_hostile_client(&client)).await, 1);
    }
    tracker.flush().await;
    let stats = tracker.stats();
    assert_eq!((stats.recorded, stats.dropped.client_failed), (3, 2));
}

/// A value that enters a scope when it is displayed.
struct Entering(Tracker);

impl std::fmt::Display for Entering {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.scope(async {}).now_or_never();
        f.write_str("entered")
    }
}

#[tracked(action = "deployment", details = "{output}")]
async fn entering(tracker: Tracker) -> Entering {
    Entering(tracker)
}

#[tokio::test]
async fn a_value_may_enter_a_scope_while_it_is_read() {
    let store = MemoryStore::new();
    let tracker = quick(store.clone()).build().unwrap();
    tracker.scope(entering(tracker.clone())).await;
    tracker.flush().await;
    assert_eq!(
        store.activities()[0].action_details.as_deref(),
        Some("entered")
    );
}

#[test]
fn a_scoped_future_can_be_spawned() {
    let store = MemoryStore::new();
    let tracker = quick(store.clone()).build().unwrap();
    let scoped = {
        let handle = tracker.clone();
        // The future does not borrow the handle.
        handle.scope(async { with_a_hostile_action("four").await })
    };
    thread::spawn(move || FutureExt::now_or_never(scoped))
        .join()
        .unwrap();
    drop(tracker);
    assert_eq!(store.activities().len(), 1);
}

/// A store that is unreachable at first, and panics in its check.
#[derive(Clone)]
struct PanicsWhenAsked(FaultyStore);

impl Store for PanicsWhenAsked {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        self.0.write(batch)
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        self.0.timeline(query)
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        self.0.migrate()
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        assert!(
            self.0.checks() > 3,
            "expected by this test {:?}",
            self.0.check().now_or_never()
        );
        self.0.check()
    }

    fn describe(&self) -> String {
        self.0.describe()
    }
}

#[tokio::test]
async fn a_store_that_panics_when_it_is_asked_is_asked_again() {
    let store = FaultyStore::new(|write, _| {
        if write == 0 {
            Fault::Unreachable
        } else {
            Fault::None
        }
    });
    let tracker = quick(PanicsWhenAsked(store)).build().unwrap();
    tracker.record(activity());
    tracker.flush().await;
    assert_eq!(tracker.stats().stored, 1);
}
