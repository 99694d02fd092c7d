//! The activities that handlers record behind `tower::ContextLayer`, in an axum router.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, Request},
    http::{HeaderName, StatusCode},
    middleware::{self, Next},
    response::Response,
    routing::post,
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use tower::ServiceExt;
use tracker_core::{
    Activity, Context, ContextExt,
    testing::{capture, expect_activity},
    tower::{ContextLayer, RequestIds},
    tracked,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const USER: HeaderName = HeaderName::from_static("x-user");

/// Records the request's owner as the request itself names it.
#[tracked(action = "deployment", details = "{expected}")]
async fn deploy(expected: String) {}

async fn deployments(Path(expected): Path<String>) -> String {
    tokio::task::yield_now().await;
    deploy(expected.clone()).await;
    let spawned = tokio::spawn(deploy(expected).in_current_context());
    spawned.await.expect("the task completes");
    Context::current().request_id().unwrap_or("").to_owned()
}

/// An inner layer, which records in the context before and after the handler.
async fn audited(request: Request, next: Next) -> Response {
    let expected = request.uri().path().trim_start_matches('/').to_owned();
    deploy(expected.clone()).await;
    let response = next.run(request).await;
    deploy(expected).await;
    response
}

fn app(request_ids: RequestIds) -> Router {
    Router::new()
        .route("/{expected}", post(deployments))
        .layer(middleware::from_fn(audited))
        .layer(ContextLayer::new(move |request: &Request| {
            let context = Context::new().with_request_id(request_ids.of(request));
            match request.headers().get(USER).and_then(|id| id.to_str().ok()) {
                Some(id) => context.with_user_id(id),
                None => context,
            }
        }))
}

fn request(user: &str) -> Request {
    Request::post(format!("/{user}"))
        .header(USER, user)
        .header(REQUEST_ID, format!("req_of_{user}"))
        .body(Body::empty())
        .expect("a request")
}

/// Sends a request and returns the ID that the handler saw.
async fn send(app: Router, request: Request) -> String {
    let response = app.oneshot(request).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    let body = to_bytes(response.into_body(), 1024).await.expect("a body");
    String::from_utf8(body.to_vec()).expect("text")
}

fn request_ids(activities: &[Activity]) -> Vec<&str> {
    let ids = activities
        .iter()
        .map(|activity| activity.request_id.as_deref());
    ids.collect::<Option<_>>()
        .expect("every activity has a request ID")
}

#[tokio::test]
async fn all_that_a_request_does_is_its_users() {
    let app = app(RequestIds::trusting(REQUEST_ID));
    let (request_id, activities) = capture(send(app, request("user_1"))).await;
    assert_eq!(request_id, "req_of_user_1");
    assert_eq!(activities.len(), 4);
    for activity in &activities {
        assert!(
            expect_activity("deployment")
                .user_id("user_1")
                .request_id("req_of_user_1")
                .matches(activity),
            "{activity:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_requests_of_many_users_keep_apart() {
    const USERS: usize = 500;
    let app = app(RequestIds::trusting(REQUEST_ID));
    let ((), activities) = capture(async {
        // Half of the requests share one task, and the other half have a task each.
        let mut shared = FuturesUnordered::new();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..USERS {
            let sent = send(app.clone(), request(&format!("user_{n}")));
            if n % 2 == 0 {
                shared.push(sent);
            } else {
                tasks.spawn(sent.in_current_context());
            }
        }
        while shared.next().await.is_some() {}
        tasks.join_all().await;
    })
    .await;
    assert_eq!(activities.len(), 4 * USERS);
    for activity in &activities {
        let expected = activity.action_details.as_deref().expect("details");
        assert_eq!(activity.user_id.as_deref(), Some(expected));
        assert_eq!(
            activity.request_id.as_deref(),
            Some(&*format!("req_of_{expected}"))
        );
    }
}

#[tokio::test]
async fn an_untrusted_request_id_is_ignored_and_each_request_has_one_of_its_own() {
    let app = app(RequestIds::generated());
    let (seen, activities) = capture(async {
        [
            send(app.clone(), request("user_1")).await,
            send(app, request("user_1")).await,
        ]
    })
    .await;
    assert_ne!(seen[0], seen[1]);
    for id in &seen {
        assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 7);
    }
    assert_eq!(
        request_ids(&activities),
        [[&*seen[0]; 4], [&*seen[1]; 4]].concat()
    );
}

#[tokio::test]
async fn nothing_of_a_request_is_left_behind_it() {
    let app = app(RequestIds::generated());
    capture(async {
        send(app, request("user_1")).await;
        assert_eq!(Context::current(), Context::new());
    })
    .await;
}

/// Returns the trace ID of a request with these headers, behind a layer that trusts them or does
/// not.
async fn trace_of(traceparents: &[&str], own: Option<&str>, is_trusting: bool) -> Option<String> {
    let own = own.map(str::to_owned);
    let layer = ContextLayer::new(move |_: &Request| match &own {
        Some(id) => Context::new().with_reference("trace_id", id),
        None => Context::new(),
    });
    let current = || async {
        let context = Context::current();
        context.reference("trace_id").unwrap_or_default().to_owned()
    };
    let app = Router::new().route("/", post(current));
    let app = if is_trusting {
        app.layer(layer.trusting_traceparent())
    } else {
        app.layer(layer)
    };
    let mut request = Request::post("/");
    for traceparent in traceparents {
        request = request.header("TraceParent", *traceparent);
    }
    let seen = send(app, request.body(Body::empty()).expect("a request")).await;
    (!seen.is_empty()).then_some(seen)
}

#[tokio::test]
async fn the_trace_of_a_request_is_taken_from_a_header_that_is_trusted_alone_and_valid() {
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let valid = &*format!("00-{id}-00f067aa0ba902b7-01");
    let malformed = &*format!("00-{id}-00f067aa0ba902b7");
    for (headers, expected) in [
        (&[valid][..], Some(id)),
        (&[], None),
        (&[malformed], None),
        (&[valid, valid], None),
    ] {
        let seen = trace_of(headers, None, true).await;
        assert_eq!(seen.as_deref(), expected, "{headers:?}");
    }
    assert_eq!(trace_of(&[valid], None, false).await, None);
    let named = trace_of(&[valid], Some("own"), true).await;
    assert_eq!(named.as_deref(), Some("own"));
}
