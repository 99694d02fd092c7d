//! The cases' shared helpers: a tracked function is called in a context, and its recorded
//! activities are described.

use std::{
    cell::Cell,
    future::Future,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{runtime, task};
use tracker_core::{Activity, Context, MemoryStore, Status, Tracker, call_sites};

/// The ID of the user who calls.
pub const USER: &str = "user_1";

const USER_OF_CONTEXT: &str = "user_of_context";
const PROJECT: &str = "project_7";

static STORE: LazyLock<MemoryStore> = LazyLock::new(MemoryStore::new);

static SUCCEEDS: AtomicBool = AtomicBool::new(true);

/// Does work that can fail and awaits.
///
/// # Errors
///
/// An error if `image` is empty.
pub async fn work(image: &str) -> Result<usize, String> {
    task::yield_now().await;
    work_at_once(image)
}

/// Does work that can fail.
///
/// # Errors
///
/// An error if `image` is empty.
pub fn work_at_once(image: &str) -> Result<usize, String> {
    if image.is_empty() {
        Err("no image".to_owned())
    } else {
        Ok(image.len())
    }
}

/// Does the work of a test function, which takes no input.
///
/// # Errors
///
/// An error if the call in progress is meant to fail.
pub fn work_of_test() -> Result<(), String> {
    if SUCCEEDS.load(Ordering::SeqCst) {
        Ok(())
    } else {
        Err("to fail".to_owned())
    }
}

/// Runs a future to completion.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = runtime::Builder::new_current_thread();
    runtime
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// Prints a description of the activities recorded by a call that takes the parameter `user_id` and
/// returns whether it succeeded.
///
/// # Panics
///
/// If a call does not have the function's own outcome.
pub fn report(call: impl Fn(String) -> bool) {
    print(USER, |succeeds| {
        call(if succeeds { "api" } else { "" }.to_owned())
    });
}

/// Like [`report`], for a call whose user is known from the context alone.
///
/// # Panics
///
/// If a call does not have the function's own outcome.
pub fn report_in_context(call: impl Fn(String) -> bool) {
    print(USER_OF_CONTEXT, |succeeds| {
        call(if succeeds { "api" } else { "" }.to_owned())
    });
}

/// Like [`report`], for a test function without parameters.
///
/// # Panics
///
/// If a call does not have the function's own outcome.
pub fn report_test(call: impl Fn() -> bool) {
    print(USER_OF_CONTEXT, |_| call());
}

/// Like [`report`], for a test function that takes the user.
///
/// # Panics
///
/// If a call does not have the function's own outcome.
pub fn report_test_with_user(call: impl Fn() -> bool) {
    print(USER, |_| call());
}

fn print(user: &str, call: impl Fn(bool) -> bool) {
    let tracker = Tracker::builder()
        .store(STORE.clone())
        .build()
        .expect("a tracker");
    let tracker = tracker.install().expect("the first tracker");
    let seen = Cell::new(0);
    let recorded = |succeeds: bool| {
        SUCCEEDS.store(succeeds, Ordering::SeqCst);
        let context = Context::new()
            .with_user_id(USER_OF_CONTEXT)
            .with_project_id(PROJECT);
        assert_eq!(
            context.sync_scope(|| call(succeeds)),
            succeeds,
            "what the call says"
        );
        block_on(tracker.flush());
        let activities = STORE.activities();
        activities[seen.replace(activities.len())..].to_vec()
    };
    let is_listed = call_sites::call_sites().any(|site| site.function() == "deploy");
    assert!(is_listed, "a tracked function is among the call sites");
    let calls = [recorded(true), recorded(true), recorded(false)];
    println!("\nrecorded: {}", describe(user, &calls));
}

/// Describes the activities recorded by two equal calls that succeed and one that fails.
fn describe(user: &str, calls: &[Vec<Activity>; 3]) -> String {
    let mut words = vec![match calls.each_ref().map(Vec::len) {
        [1, 1, 1] => "once".to_owned(),
        [1, 0, 1] => "once where the body runs".to_owned(),
        [first, second, failed] if first == second => {
            format!("{first} for a success, {failed} for a failure")
        }
        [first, second, failed] => {
            format!("{first} for a success, {second} for the next, {failed} for a failure")
        }
    }];
    let [first, second, failed] = calls;
    let has = |calls: &[&Vec<Activity>], wrong: &dyn Fn(&Activity) -> bool| {
        calls.iter().flat_map(|call| call.iter()).any(wrong)
    };
    if has(&[first, second], &|activity| {
        activity.status != Some(Status::Success)
    }) || has(&[failed], &|activity| {
        activity.status != Some(Status::Failure)
    }) {
        words.push("with a wrong status".to_owned());
    }
    if has(&[first, second, failed], &|activity| {
        activity.user_id.as_deref() != Some(user)
    }) {
        words.push("without the user".to_owned());
    }
    if has(&[first, second, failed], &|activity| {
        activity.project_id.as_deref() != Some(PROJECT)
    }) {
        words.push("without the context".to_owned());
    }
    words.join(", ")
}
