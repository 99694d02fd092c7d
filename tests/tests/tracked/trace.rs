//! The trace that an activity belongs to, which is that of the spans of a real OpenTelemetry SDK.

use std::{
    collections::HashMap,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    middleware::{self, Next},
    response::Response,
    routing::post,
};
use opentelemetry::{
    Context as OtelContext,
    propagation::TextMapPropagator,
    trace::{
        SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, TracerProvider,
    },
};
use opentelemetry_sdk::{
    propagation::TraceContextPropagator,
    trace::{InMemorySpanExporter, SdkTracerProvider},
};
use tokio::task::spawn_blocking;
use tower::ServiceExt;
use tracing::{Instrument, Subscriber, info_span, instrument, subscriber::set_default};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;
use tracker_core::{
    ActionType, Activity, Context, ContextExt, SqliteStore, Store, Tracker,
    context::TRACE_ID,
    testing::{capture, expect_activity},
    timeline::Query,
    tower::{ContextLayer, RequestIds},
    tracked,
};
use tracker_tests::job::Job;

const CALLERS: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tracked(action = "deployment")]
async fn deploy() {}

#[tracked(action = "deployment", references(trace_id = own))]
async fn deploy_in(own: Option<&str>) {}

/// The SDK with an exporter to memory.
struct Telemetry {
    provider: SdkTracerProvider,
    exporter: InMemorySpanExporter,
}

impl Telemetry {
    fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .build();
        Self { provider, exporter }
    }

    fn subscriber(&self, activates: bool) -> impl Subscriber + Send + Sync + use<> {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("test"))
            .with_context_activation(activates);
        tracing_subscriber::registry().with(layer)
    }

    /// Returns the trace IDs of the ended spans with this name.
    fn trace_ids(&self, span: &str) -> Vec<String> {
        let spans = self.exporter.get_finished_spans().expect("it exports");
        let named = spans.iter().filter(|ended| ended.name == span);
        named
            .map(|span| span.span_context.trace_id().to_string())
            .collect()
    }
}

fn trace_ids(activities: &[Activity]) -> Vec<Option<&str>> {
    let ids = activities.iter().map(|activity| &activity.reference_ids);
    ids.map(|ids| ids.get(TRACE_ID)).collect()
}

/// Returns the context of a remote caller, as a propagator extracts it.
fn remote(trace_id: TraceId, flags: TraceFlags) -> OtelContext {
    let state = TraceState::default();
    let span = SpanContext::new(trace_id, SpanId::from(7), flags, true, state);
    OtelContext::new().with_remote_span_context(span)
}

/// Records by an attribute and by hand.
async fn record_both() {
    deploy().await;
    let tracker = Tracker::current().expect("a captured scope");
    tracker.record(Activity::new(ActionType::Deployment));
}

#[tokio::test]
async fn an_activity_has_the_trace_of_the_current_span() {
    for activates in [true, false] {
        let telemetry = Telemetry::new();
        let _subscriber = set_default(telemetry.subscriber(activates));
        let work = async {
            record_both().await;
            async { record_both().await }
                .instrument(info_span!("inner"))
                .await;
        };
        let ((), activities) = capture(work.instrument(info_span!("outer"))).await;
        let exported = telemetry.trace_ids("outer");
        assert_eq!(telemetry.trace_ids("inner"), exported);
        assert_eq!(trace_ids(&activities), [Some(&*exported[0]); 4]);
    }
}

#[tokio::test]
async fn an_activity_has_the_trace_of_the_current_opentelemetry_context() {
    use opentelemetry::trace::FutureExt;
    let trace_id = TraceId::from_hex(CALLERS).unwrap();
    for flags in [TraceFlags::SAMPLED, TraceFlags::NOT_SAMPLED] {
        let work = record_both().with_context(remote(trace_id, flags));
        let ((), activities) = capture(work).await;
        assert_eq!(trace_ids(&activities), [Some(CALLERS); 2]);
    }
    let work = record_both().with_context(remote(TraceId::INVALID, TraceFlags::SAMPLED));
    let ((), activities) = capture(work).await;
    assert_eq!(trace_ids(&activities), [None; 2]);
    assert_eq!(Context::current(), Context::new());
}

#[tokio::test]
async fn what_the_attribute_or_the_context_names_wins_over_the_current_trace() {
    let telemetry = Telemetry::new();
    let _subscriber = set_default(telemetry.subscriber(true));
    let ambient = Context::new().with_reference(TRACE_ID, "ambient");
    let none = Context::new().with_reference(TRACE_ID, "");
    let work = async {
        deploy_in(Some("own")).await;
        deploy_in(None).await;
        ambient
            .scope(async {
                deploy_in(Some("own")).await;
                deploy_in(None).await;
                record_both().await;
            })
            .await;
        none.scope(record_both()).await;
    };
    let ((), activities) = capture(work.instrument(info_span!("work"))).await;
    let exported = telemetry.trace_ids("work");
    assert_eq!(
        trace_ids(&activities),
        [
            Some("own"),
            Some(&*exported[0]),
            Some("own"),
            Some("ambient"),
            Some("ambient"),
            Some("ambient"),
            None,
            None
        ]
    );
}

#[tokio::test]
async fn a_trace_goes_along_to_tasks_threads_and_payloads() {
    let telemetry = Telemetry::new();
    let _subscriber = set_default(telemetry.subscriber(true));
    let work = async {
        let other = info_span!(parent: None, "other");
        let task = deploy().instrument(other).in_current_context();
        tokio::spawn(task).await.expect("the task completes");
        let tracker = Tracker::current().expect("a captured scope");
        let activity = Activity::new(ActionType::Deployment);
        let on_thread = Context::current().wrap(move || tracker.record(activity));
        spawn_blocking(on_thread).await.expect("the thread ends");
        serde_json::to_value(Context::current()).expect("it serializes")
    };
    let (payload, activities) = capture(work.instrument(info_span!("work"))).await;
    let exported = telemetry.trace_ids("work");
    assert_ne!(telemetry.trace_ids("other"), exported);
    assert_eq!(trace_ids(&activities), [Some(&*exported[0]); 2]);
    assert_eq!(payload["reference_ids"][TRACE_ID], exported[0]);
}

#[tokio::test]
async fn a_scope_on_the_same_task_leaves_each_span_its_trace() {
    let telemetry = Telemetry::new();
    let _subscriber = set_default(telemetry.subscriber(true));
    let context = Context::new().with_user_id("user_1");
    let work = async {
        let other = deploy().instrument(info_span!(parent: None, "other"));
        context.scope(other).await;
    };
    let ((), activities) = capture(work.instrument(info_span!("work"))).await;
    let exported = telemetry.trace_ids("other");
    assert_eq!(trace_ids(&activities), [Some(&*exported[0])]);
}

#[tracked(action = "deployment")]
#[instrument]
async fn deploy_in_a_span() {}

#[tokio::test]
async fn a_function_that_is_tracked_above_its_span_has_that_spans_trace() {
    let telemetry = Telemetry::new();
    let _subscriber = set_default(telemetry.subscriber(true));
    let ((), activities) = capture(deploy_in_a_span()).await;
    let exported = telemetry.trace_ids("deploy_in_a_span");
    assert_eq!(trace_ids(&activities), [Some(&*exported[0])]);
}

/// A middleware that continues the caller's trace in a span of its own.
async fn continued(request: Request, next: Next) -> Response {
    let headers = request.headers().iter();
    let headers: HashMap<_, _> = headers
        .filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect();
    let span = info_span!("request");
    let parent = TraceContextPropagator::new().extract(&headers);
    span.set_parent(parent).expect("it has not begun");
    next.run(request).instrument(span).await
}

/// A handler that does one part of its work in a task, and another part in another process.
async fn handle(Extension(store): Extension<String>) {
    deploy().await;
    let task = deploy().instrument(info_span!("task")).in_current_context();
    tokio::spawn(task).await.expect("the task completes");
    let job = Job {
        context: Context::current(),
        image: "api:4".to_owned(),
    };
    let job = serde_json::to_vec(&job).expect("it serializes");
    spawn_blocking(move || run_elsewhere(&store, &job))
        .await
        .expect("the job is done");
}

fn run_elsewhere(store: &str, job: &[u8]) {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_job_worker"))
        .arg(store)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a worker starts");
    // The drop closes the worker's input.
    let mut stdin = worker.stdin.take().expect("it is piped");
    stdin.write_all(job).expect("it reads the job");
    drop(stdin);
    assert!(worker.wait().expect("it ends").success());
}

fn app(store: &Path) -> Router {
    let request_ids = RequestIds::generated();
    let context = move |request: &Request| {
        Context::new()
            .with_user_id("user_1")
            .with_project_id("project_7")
            .with_request_id(request_ids.of(request))
    };
    Router::new()
        .route("/", post(handle))
        .layer(ContextLayer::new(context).trusting_traceparent())
        .layer(middleware::from_fn(continued))
        .layer(Extension(format!("sqlite:{}", store.display())))
}

#[tokio::test]
async fn a_request_its_task_and_its_job_in_another_process_are_in_the_callers_trace() {
    let telemetry = Telemetry::new();
    let _subscriber = set_default(telemetry.subscriber(true));
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("tracker.db");
    let request = Request::post("/").header("traceparent", TRACEPARENT);
    let request = request.body(Body::empty()).expect("a request");
    let (response, here) = capture(app(&path).oneshot(request)).await;
    assert_eq!(response.expect("an answer").status(), StatusCode::OK);

    let store = SqliteStore::open(&path).expect("the worker has made it");
    let elsewhere = store.timeline(Query::project("project_7")).await;
    let elsewhere = elsewhere.expect("it can be read").activities;
    assert_eq!((here.len(), elsewhere.len()), (2, 1));
    let request_id = here[0].request_id.as_deref().expect("it has one");
    for activity in here.iter().chain(&elsewhere) {
        expect_activity("deployment")
            .user_id("user_1")
            .request_id(request_id)
            .reference(TRACE_ID, CALLERS)
            .assert_recorded_once(std::slice::from_ref(activity));
    }
    for span in ["request", "task"] {
        assert_eq!(telemetry.trace_ids(span), [CALLERS], "{span}");
    }
}
