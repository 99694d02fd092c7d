//! The activities that `#[tracked]` records. It changes nothing else.

use std::{fmt, future::Future, time::Duration};

use serde_json::json;
use tracker_core::{
    ActionSet, ActionType, Activity, Context, MemoryStore, ReferenceIds, Status, Tracker,
    testing::capture, tracked,
};

/// Returns the only activity that a future records.
pub(crate) async fn one<T>(future: impl Future<Output = T>) -> Activity {
    let (_, mut activities) = capture(future).await;
    assert_eq!(activities.len(), 1, "{activities:?}");
    activities.remove(0)
}

#[derive(Clone, Debug, ReferenceIds)]
struct Deployment {
    #[reference(rename = "deployment_id")]
    id: String,
    #[reference]
    container_session_id: Option<u64>,
    url: String,
}

fn deployment() -> Deployment {
    Deployment {
        id: "deploy_xyz789".into(),
        container_session_id: None,
        url: "http://127.0.0.1:8080".into(),
    }
}

#[derive(Debug, PartialEq)]
struct Failed;

#[tracked(action = "deployment", details = "deployed {image} to {output.url}")]
async fn deploy(
    user_id: &str,
    request_id: &str,
    project_id: &str,
    image: String,
) -> Result<Deployment, Failed> {
    // The body may move a parameter that the details name.
    let image: Box<str> = image.into();
    if image.is_empty() {
        Err(Failed)
    } else {
        Ok(deployment())
    }
}

#[tokio::test]
async fn a_success_is_recorded_with_parameters_details_and_references() {
    let activity = one(deploy("user_1", "req_2", "project_3", "api:4".into())).await;
    assert_eq!(activity.user_id.as_deref(), Some("user_1"));
    assert_eq!(activity.request_id.as_deref(), Some("req_2"));
    assert_eq!(activity.project_id.as_deref(), Some("project_3"));
    assert_eq!(activity.environment, None);
    assert_eq!(activity.action_type.as_deref(), Some("deployment"));
    assert_eq!(activity.status, Some(Status::Success));
    assert_eq!(
        activity.action_details.as_deref(),
        Some("deployed api:4 to http://127.0.0.1:8080")
    );
    assert_eq!(
        activity.reference_ids.to_json(),
        json!({"deployment_id": "deploy_xyz789"})
    );
}

#[tokio::test]
async fn an_error_is_returned_and_not_capture() {
    let (result, activities) = capture(deploy("u", "r", "p", String::new())).await;
    assert_eq!(result.unwrap_err(), Failed);
    assert_eq!(activities, []);
}

#[tokio::test]
async fn without_a_tracker_the_function_works_as_ever() {
    let result = deploy("u", "r", "p", "image".into()).await;
    assert_eq!(result.unwrap().url, "http://127.0.0.1:8080");
}

// Success is decided by the type.

type Outcome<T> = Result<T, Failed>;
mod results {
    pub(super) type Renamed = Result<u8, super::Failed>;
}

#[tracked(action = "deployment", details = "{output}")]
async fn aliased(fail: bool) -> results::Renamed {
    if fail { Err(Failed) } else { Ok(7) }
}

#[tracked(action = "deployment")]
async fn generic_alias<T: Clone>(value: &T) -> Outcome<T> {
    Ok(value.clone())
}

#[tracked(action = "deployment", details = "{output:?}")]
async fn optional(value: Option<u8>) -> Option<u8> {
    value
}

#[tracked(action = "deployment")]
async fn unit() {}

#[tokio::test]
async fn success_is_ok_of_any_result_and_any_other_value() {
    assert_eq!(
        one(aliased(false)).await.action_details.as_deref(),
        Some("7")
    );
    assert_eq!(capture(aliased(true)).await.1, []);
    one(generic_alias(&7)).await;
    assert_eq!(
        one(optional(None)).await.action_details.as_deref(),
        Some("None")
    );
    one(unit()).await;
}

// The sources of values.

struct UserId(u128);

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "user_{}", self.0)
    }
}

struct Job {
    user_id: UserId,
    request_id: uuid::Uuid,
    project_id: Option<i64>,
    secret: String,
}

fn job() -> Job {
    Job {
        user_id: UserId(9),
        request_id: uuid::Uuid::nil(),
        project_id: Some(-4),
        secret: "hunter2".into(),
    }
}

#[tracked(
    action = "queries_executed",
    user = job.user_id,
    request = &job.request_id,
    project = job.project_id,
    environment = "development",
)]
async fn from_the_attribute(job: &Job, user_id: u8) -> usize {
    job.secret.len() + usize::from(user_id)
}

#[tracked(action = "queries_executed", user = job.user_id, request = job.request_id, project = job.project_id)]
async fn from_an_owned_argument(job: Job) -> Job {
    job
}

#[tracked(action = "queries_executed")]
async fn from_nowhere() {}

#[tracked(action = "queries_executed")]
#[expect(clippy::ref_option, reason = "that is the shape to be shown")]
async fn from_optional_parameters(
    user_id: Option<&str>,
    request_id: &Option<String>,
    project_id: Option<u64>,
) {
    let _ = (user_id, request_id, project_id);
}

#[tokio::test]
async fn the_attribute_wins_over_a_parameter() {
    for activity in [
        one(from_the_attribute(&job(), 1)).await,
        one(from_an_owned_argument(job())).await,
    ] {
        assert_eq!(activity.user_id.as_deref(), Some("user_9"));
        assert_eq!(
            activity.request_id.as_deref(),
            Some("00000000-0000-0000-0000-000000000000")
        );
        assert_eq!(activity.project_id.as_deref(), Some("-4"));
    }
    assert_eq!(
        one(from_the_attribute(&job(), 1))
            .await
            .environment
            .as_deref(),
        Some("development")
    );
}

#[tokio::test]
async fn what_nothing_names_comes_from_the_context_and_else_is_null() {
    let context = Context::new()
        .with_user_id("ambient")
        .with_environment("staging");
    let activity = one(context.scope(from_nowhere())).await;
    assert_eq!(activity.user_id.as_deref(), Some("ambient"));
    assert_eq!(activity.environment.as_deref(), Some("staging"));
    assert_eq!(activity.request_id, None);
}

#[tokio::test]
async fn a_parameter_wins_over_the_context_unless_it_is_none() {
    let context = || {
        Context::new()
            .with_user_id("ambient")
            .with_request_id("ambient")
    };
    let none = None;
    let activity =
        one(context().scope(from_optional_parameters(Some("own"), &none, Some(3)))).await;
    assert_eq!(activity.user_id.as_deref(), Some("own"));
    assert_eq!(activity.request_id.as_deref(), Some("ambient"));
    assert_eq!(activity.project_id.as_deref(), Some("3"));
}

#[tokio::test]
async fn the_trackers_environment_is_the_last_resort() {
    let store = MemoryStore::new();
    let tracker = Tracker::builder()
        .store(store.clone())
        .environment("production")
        .build()
        .unwrap();
    tracker.scope(from_nowhere()).await;
    tracker.scope(from_the_attribute(&job(), 1)).await;
    tracker.shutdown(Duration::from_secs(10)).await;
    let environments: Vec<_> = store
        .activities()
        .into_iter()
        .map(|activity| activity.environment)
        .collect();
    assert_eq!(
        environments,
        [Some("production".into()), Some("development".into())]
    );
}

#[tokio::test]
async fn arguments_that_are_not_named_are_not_capture() {
    let activity = one(from_the_attribute(&job(), 1)).await;
    assert!(!format!("{activity:?}").contains("hunter2"));
}

// Details and references.

#[tracked(
    action = ActionType::GithubPush,
    details("{} files to {url}, {{{}}} {output:?} {0:>3} {count:03}", output.len(), branch, url = *remote),
    references(github_push_id = output.first(), branch_id = branch, missing = None::<u8>)
)]
async fn push(remote: &&str, branch: String, count: u8) -> Vec<u8> {
    drop(branch);
    vec![count; 2]
}

#[tokio::test]
async fn details_take_arguments_fields_positions_and_specifications() {
    let activity = one(push(&"origin", "main".into(), 5)).await;
    assert_eq!(
        activity.action_details.as_deref(),
        Some("2 files to origin, {main} [5, 5]   2 005")
    );
    assert_eq!(
        activity.reference_ids.to_json(),
        json!({"github_push_id": "5", "branch_id": "main"})
    );
}

#[tokio::test]
async fn named_references_stand_beside_declared_ones_and_win() {
    let activity = one(with_references()).await;
    assert_eq!(
        activity.reference_ids.to_json(),
        json!({"deployment_id": "explicit", "container_session_id": "3", "other": "http://127.0.0.1:8080"})
    );
}

#[tracked(action = "deployment", references(output, deployment_id = "explicit", other = output.url))]
async fn with_references() -> Result<Box<Deployment>, Failed> {
    Ok(Box::new(Deployment {
        container_session_id: Some(3),
        ..deployment()
    }))
}

// Methods and generics.

struct Service<T> {
    tracker: Tracker,
    region: T,
    calls: usize,
}

impl<T: fmt::Display + Clone + Send + Sync> Service<T> {
    #[tracked(action = "deployment", tracker = self.tracker, user = self.region, details = "in {self.region}")]
    async fn shared(&self) -> usize {
        self.calls
    }

    #[tracked(action = "deployment", tracker = self.tracker, details = "{self.calls} {output}")]
    async fn exclusive(&mut self) -> &T {
        self.calls += 1;
        &self.region
    }

    #[tracked(action = "deployment", tracker = self.tracker.clone(), details = "{self.region}")]
    async fn owned(self) -> T {
        self.region
    }

    #[tracked(action = "deployment", tracker = self.tracker, details = "{output}")]
    async fn generic<'a, A, const N: usize>(&self, words: [A; N]) -> String
    where
        A: Into<&'a str>,
    {
        words.map(Into::into).join("-")
    }
}

#[tokio::test]
async fn methods_are_tracked_with_every_receiver_and_a_tracker_of_their_own() {
    let store = MemoryStore::new();
    let tracker = Tracker::builder().store(store.clone()).build().unwrap();
    let mut service = Service {
        tracker: tracker.clone(),
        region: "eu".to_owned(),
        calls: 0,
    };
    service.shared().await;
    service.exclusive().await;
    service.generic(["a", "b"]).await;
    service.owned().await;
    tracker.shutdown(Duration::from_secs(10)).await;
    let details: Vec<_> = store
        .activities()
        .into_iter()
        .filter_map(|activity| activity.action_details)
        .collect();
    assert_eq!(details, ["in eu", "0 eu", "a-b", "eu"]);
}

#[tracked(action = "deployment")]
async fn coerces(
    fail: bool,
) -> Result<Box<dyn fmt::Display>, Box<dyn std::error::Error + Send + Sync>> {
    if fail {
        return Err("failed".into());
    }
    let _: u8 = "7".parse()?;
    Ok(Box::new(7))
}

#[tracked(action = "deployment")]
async fn opaque(values: &[u8]) -> impl Iterator<Item = u8> + use<'_> {
    values.iter().copied()
}

#[tracked(action = "deployment")]
async fn opaque_result() -> Result<impl fmt::Display, Failed> {
    Ok(7)
}

#[tokio::test]
async fn bodies_coerce_and_return_as_in_a_plain_function() {
    assert_eq!(capture(coerces(false)).await.1.len(), 1);
    assert_eq!(capture(coerces(true)).await.1.len(), 0);
    let (sum, _) = capture(async { opaque(&[1, 2]).await.sum::<u8>() }).await;
    assert_eq!(sum, 3);
    one(opaque_result()).await;
}

#[tokio::test]
async fn a_tracked_future_stays_send() {
    fn require_send<T: Send>(value: T) -> T {
        value
    }
    let spawned = tokio::spawn(require_send(deploy("u", "r", "p", "image".into())));
    assert!(spawned.await.unwrap().is_ok());
}

// Names that could clash with those of the expansion.

#[tracked(
    action = "deployment",
    details = "{result} {activity} {entry_0} {output}"
)]
async fn clashing(result: String, activity: &str, entry_0: u8) -> u8 {
    let never = entry_0 + u8::try_from(result.len() + activity.len()).unwrap();
    let output = never + 1;
    output - 1
}

#[tokio::test]
async fn names_of_the_function_do_not_clash_with_the_macros() {
    let activity = one(clashing("r".into(), "a", 1)).await;
    assert_eq!(activity.action_details.as_deref(), Some("r a 1 3"));
}

mod reexporting {
    pub(crate) use tracker_core as tracking;
}

#[tracked(action = "deployment", crate = crate::recording::reexporting::tracking)]
async fn through_a_reexport() {}

#[derive(ActionSet)]
enum Billing {
    InvoiceSent,
}

#[tracked(action = Billing::InvoiceSent)]
async fn own_action() {}

#[tokio::test]
async fn a_reexport_and_an_action_of_ones_own_work() {
    one(through_a_reexport()).await;
    assert_eq!(
        one(own_action()).await.action_type.as_deref(),
        Some("invoice_sent")
    );
}

// Recording never makes the function fail.

struct Hostile;

impl fmt::Display for Hostile {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("expected by this test");
    }
}

struct Erring;

impl fmt::Display for Erring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half")?;
        Err(fmt::Error)
    }
}

#[tracked(action = "deployment", details = "{output}")]
async fn panicking_details(user_id: Hostile, project_id: &str) -> Hostile {
    let _ = project_id;
    user_id
}

#[tracked(action = "deployment", user = user(), details = "{output} {output}")]
async fn erring_details() -> Erring {
    Erring
}

fn user() -> &'static str {
    panic!("expected by this test")
}

#[tokio::test]
async fn a_panic_or_an_error_while_values_are_read_stays_with_the_tracker() {
    let activity = one(panicking_details(Hostile, "project_1")).await;
    assert_eq!(activity.user_id, None);
    assert_eq!(activity.project_id.as_deref(), Some("project_1"));
    assert_eq!(activity.action_details, None);

    let activity = one(erring_details()).await;
    assert_eq!(activity.user_id, None);
    assert_eq!(activity.action_details.as_deref(), Some("half"));
}

#[tracked(action = "deployment", details = "{text}")]
async fn oversized(user_id: &str, text: &str) {
    let _ = (user_id, text);
}

#[tokio::test]
async fn empty_ids_nuls_and_megabytes_are_repaired() {
    let activity = one(oversized("", &"x\0".repeat(1 << 20))).await;
    assert_eq!(activity.user_id, None);
    let details = activity.action_details.unwrap();
    assert_eq!(
        details.chars().count(),
        tracker_core::limits::DETAILS_CHARS_MAX
    );
    assert!(details.starts_with("x\u{FFFD}x") && details.ends_with('…'));
}

#[test]
fn the_macro_and_the_crate_know_the_same_actions() {
    macro_rules! names {
        ($($name:literal)*) => {{
            let mut names = Vec::new();
            $({
                #[tracked(action = $name)]
                async fn named() {}
                let _ = named;
                names.push($name);
            })*
            names
        }};
    }
    let names = names!("project_created" "database_created" "endpoints_added" "queries_executed" "deployment" "github_push");
    assert_eq!(names, ActionType::ALL.map(|action| action.name()));
}
