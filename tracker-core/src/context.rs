//! Who is acting, in which request and on which project, for all that a task does: [`Context`].
//!
//! A worker learns the user, the request and the project once, when a job or a request arrives. It puts
//! them into a [`Context`] and runs the work inside its [scope](Context::scope); every activity that
//! the work records takes from there what neither the attribute nor a parameter names.
//!
//! ```
//! use tracker_core::Context;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let request = Context::new().with_user_id("user_1").with_request_id("req_9f2");
//! request
//!     .scope(async {
//!         // An inner scope adds to the outer one, and what it sets wins.
//!         let project = Context::new().with_project_id("project_7");
//!         project
//!             .scope(async {
//!                 assert_eq!(Context::current().user_id(), Some("user_1"));
//!                 assert_eq!(Context::current().project_id(), Some("project_7"));
//!             })
//!             .await;
//!         assert_eq!(Context::current().project_id(), None);
//!     })
//!     .await;
//! # }
//! ```
//!
//! The context belongs to the task, never to the thread: it is there whenever the scoped future is
//! polled, on whichever thread, and at no other time. So it does not follow into a task that is
//! spawned inside, unless it is told to:
//!
//! | the work goes on in | the context goes along with |
//! | --- | --- |
//! | the same task: `.await`, `join!`, `select!` | nothing to do |
//! | `tokio::spawn`, a `JoinSet`, any other executor | [`future.in_current_context()`](ContextExt::in_current_context) |
//! | `spawn_blocking`, a thread, a callback | [`Context::current().wrap(closure)`](Context::wrap) |
//! | another process, through a queue of jobs | the [`Context`] as a field of the job, which serializes |
//! | an HTTP request | `tower::ContextLayer`, of the feature `tower` |
//!
//! It also takes along reference IDs that each activity inside is to have:
//! [`Context::with_reference`].
//!
//! # Traces
//!
//! The reference [`trace_id`](TRACE_ID) ties an activity to a distributed trace. Where the context
//! names one, as `tower::ContextLayer` does for a request with a trusted `traceparent` header, each
//! activity has that.
//!
//! With the feature `opentelemetry` it is otherwise the ID of the trace that the activity is
//! recorded in, if any: that of the current OpenTelemetry context, or else of the current span of
//! `tracing`, by way of the crate `tracing-opentelemetry`. [`Context::current`] names it too, so
//! that tasks, threads and payloads are given it, and keep it in traces of their own. A span that
//! is not sampled counts, one that is not valid does not. Put `#[tracked]` above `#[instrument]`:
//! the function's own span is over where it is below.

pub use crate::{
    ambient::{Context, TRACE_ID},
    tracker::{ContextExt, InContext},
};
