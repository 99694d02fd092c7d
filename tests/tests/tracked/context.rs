//! The attribution of rows when the work of many users is mixed on a few threads.

use std::{future::Future, pin::Pin};

use futures_util::{FutureExt, StreamExt, future::join_all, stream::FuturesUnordered};
use proptest::{prelude::*, test_runner::FileFailurePersistence};
use tokio::{runtime::Builder, task::JoinSet, task::yield_now};
use tracker_core::{
    Activity, Context, ContextExt,
    testing::{capture, expect_activity},
    tracked,
};

/// Records the owner twice: from the context, and in the details from an argument, which can't be
/// mixed up.
#[tracked(action = "deployment", details = "{owner}")]
async fn work(owner: &str, yields: u8) {
    yield_times(yields).await;
}

async fn yield_times(yields: u8) {
    for _ in 0..yields {
        yield_now().await;
    }
}

#[derive(Clone, Debug)]
enum Step {
    Work {
        yields: u8,
    },
    Spawn(Vec<Step>),
    JoinSet(Vec<Vec<Step>>),
    Join(Vec<Vec<Step>>),
    /// The loser is dropped at its current step.
    Select(Vec<Step>, Vec<Step>),
    Blocking {
        spawns: bool,
    },
    /// Spawned, and aborted after a few yields.
    Abort(Vec<Step>, u8),
    /// Polled a few times on this task and then dropped.
    Drop(Vec<Step>, u8),
    /// A synchronous scope of another user on this thread, and a future of another user on this
    /// task.
    Another(Vec<Step>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let yields = || 0u8..4;
    let leaf = prop_oneof![
        3 => yields().prop_map(|yields| Step::Work { yields }),
        1 => any::<bool>().prop_map(|spawns| Step::Blocking { spawns }),
    ];
    let step = leaf.prop_recursive(4, 24, 4, move |step| {
        let steps = || prop::collection::vec(step.clone(), 1..4);
        let several = || prop::collection::vec(steps(), 1..4);
        prop_oneof![
            steps().prop_map(Step::Spawn),
            several().prop_map(Step::JoinSet),
            several().prop_map(Step::Join),
            (steps(), steps()).prop_map(|(a, b)| Step::Select(a, b)),
            (steps(), yields()).prop_map(|(steps, yields)| Step::Abort(steps, yields)),
            (steps(), yields()).prop_map(|(steps, polls)| Step::Drop(steps, polls)),
            steps().prop_map(Step::Another),
        ]
    });
    prop::collection::vec(step, 1..6)
}

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs the steps one by one, in the context that is current when the future is polled.
fn run(owner: String, steps: Vec<Step>) -> Running {
    Box::pin(async move {
        for step in steps {
            take(owner.clone(), step).await;
            // The context is restored, whatever scopes the step has entered and left.
            assert_eq!(Context::current().user_id(), Some(&*owner));
        }
    })
}

async fn take(owner: String, step: Step) {
    let of_owner = |steps| run(owner.clone(), steps);
    match step {
        Step::Work { yields } => work(&owner, yields).await,
        Step::Spawn(steps) => {
            let task = tokio::spawn(of_owner(steps).in_current_context());
            task.await.expect("the task completes");
        }
        Step::JoinSet(several) => {
            let mut tasks = JoinSet::new();
            for steps in several {
                tasks.spawn(of_owner(steps).in_current_context());
            }
            tasks.join_all().await;
        }
        Step::Join(several) => {
            join_all(several.into_iter().map(of_owner)).await;
        }
        Step::Select(a, b) => tokio::select! {
            () = of_owner(a) => {}
            () = of_owner(b) => {}
        },
        Step::Blocking { spawns } => blocking(owner, spawns).await,
        Step::Abort(steps, yields) => {
            let task = tokio::spawn(of_owner(steps).in_current_context());
            yield_times(yields).await;
            task.abort();
            if let Err(error) = task.await {
                assert!(error.is_cancelled(), "{error}");
            }
        }
        Step::Drop(steps, polls) => {
            let mut steps = of_owner(steps);
            for _ in 0..polls {
                if steps.as_mut().now_or_never().is_some() {
                    break;
                }
                yield_now().await;
            }
        }
        Step::Another(steps) => {
            let other = format!("another beside {owner}");
            let context = Context::new().with_user_id(&other);
            context.clone().sync_scope(|| {
                work(&other, 0).now_or_never().expect("no yields");
            });
            let others = run(other, steps).in_context(context);
            tokio::join!(others, work(&owner, 1));
        }
    }
}

/// Works on a thread for blocking work, and from there in a task again.
async fn blocking(owner: String, spawns: bool) {
    let on_thread = Context::current().wrap(move || {
        work(&owner, 0).now_or_never().expect("no yields");
        spawns.then(|| {
            let spawned = async move { work(&owner, 2).await }.in_current_context();
            tokio::spawn(spawned)
        })
    });
    let spawned = tokio::task::spawn_blocking(on_thread).await;
    if let Some(task) = spawned.expect("the thread completes") {
        task.await.expect("the task completes");
    }
}

/// Returns the least and the greatest number of activities that the steps record. They differ
/// because some steps are cancelled.
fn recorded(steps: &[Step]) -> (usize, usize) {
    let add = |(a, b): (usize, usize), (c, d): (usize, usize)| (a + c, b + d);
    let all = |several: &[Vec<Step>]| several.iter().map(|s| recorded(s)).fold((0, 0), add);
    let of_step = |step: &Step| match step {
        Step::Work { .. } => (1, 1),
        Step::Blocking { spawns } => (1 + usize::from(*spawns), 1 + usize::from(*spawns)),
        Step::Spawn(steps) => recorded(steps),
        Step::JoinSet(several) | Step::Join(several) => all(several),
        Step::Select(a, b) => {
            let (a, b) = (recorded(a), recorded(b));
            (a.0.min(b.0), a.1 + b.1)
        }
        Step::Abort(steps, _) | Step::Drop(steps, _) => (0, recorded(steps).1),
        Step::Another(steps) => add((2, 2), recorded(steps)),
    };
    steps.iter().map(of_step).fold((0, 0), add)
}

/// Runs the work of all users at once: half of them on one task, and half on tasks of their own.
async fn run_all(users: Vec<Vec<Step>>) {
    let mut mixed = FuturesUnordered::new();
    let mut tasks = JoinSet::new();
    for (n, steps) in users.into_iter().enumerate() {
        let owner = format!("user_{n}");
        let context = Context::new()
            .with_user_id(&owner)
            .with_request_id(format!("request of {owner}"));
        let users = run(owner, steps).in_context(context);
        if n % 2 == 0 {
            mixed.push(users);
        } else {
            tasks.spawn(users);
        }
    }
    while mixed.next().await.is_some() {}
    tasks.join_all().await;
}

proptest! {
    // Each case runs up to some thousand tasks.
    #![proptest_config(ProptestConfig {
        cases: 24,
        // A failure is kept beside this file, and its seed is printed.
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_row_carries_the_identity_of_another(
        users in prop::collection::vec(steps(), 1..300),
        worker_threads in 2usize..6,
    ) {
        let (least, most) = users
            .iter()
            .map(|steps| recorded(steps))
            .fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
        let runtime = Builder::new_multi_thread()
            .worker_threads(worker_threads)
            .build()
            .expect("a runtime");
        let ((), activities) = runtime.block_on(async {
            let captured = capture(run_all(users));
            tokio::spawn(captured).await.expect("all users are served")
        });
        prop_assert!((least..=most).contains(&activities.len()));
        for activity in activities {
            check(&activity)?;
        }
    }
}

fn check(activity: &Activity) -> Result<(), TestCaseError> {
    let owner = activity.action_details.as_deref().expect("details");
    prop_assert_eq!(activity.user_id.as_deref(), Some(owner));
    // The other user's context is created inside the owner's and keeps its request.
    let user = owner.rsplit(" beside ").next().unwrap_or(owner);
    let request = format!("request of {user}");
    prop_assert_eq!(activity.request_id.as_deref(), Some(&*request));
    Ok(())
}

#[tokio::test]
async fn a_tracked_function_sees_the_context_inside_spawn_blocking() {
    let request = Context::new().with_user_id("user_1");
    let work = async {
        let handle = tokio::runtime::Handle::current();
        let closure = Context::current().wrap(move || handle.block_on(work("user_1", 2)));
        tokio::task::spawn_blocking(closure).await
    };
    let (result, activities) = capture(work.in_context(request)).await;
    result.expect("the thread completes");
    expect_activity("deployment")
        .user_id("user_1")
        .assert_recorded_once(&activities);
}
