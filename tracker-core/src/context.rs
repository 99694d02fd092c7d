//! The user, request and project that a task acts for: [`Context`].
//!
//! A worker learns the user, the request and the project once, when a job or a request arrives. It
//! puts them into a [`Context`] and runs the work inside its [scope](Context::scope). Every
//! activity that the work records takes values from the context that neither the attribute nor a
//! parameter names.
//!
//! ```
//! use tracker_core::Context;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let request = Context::new().with_user_id("user_1").with_request_id("req_9f2");
//! request
//!     .scope(async {
//!         // An inner scope adds to the outer one, and overrides it.
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
//! The context belongs to the task, not to the thread. It is current whenever the scoped future is
//! polled, on any thread, and at no other time. A task that is spawned inside the scope therefore
//! does not inherit it, unless it is passed on:
//!
//! | the work continues in | the context is passed on by |
//! | --- | --- |
//! | the same task: `.await`, `join!`, `select!` | nothing to do |
//! | `tokio::spawn`, a `JoinSet`, any other executor | [`future.in_current_context()`](ContextExt::in_current_context) |
//! | `spawn_blocking`, a thread, a callback | [`Context::current().wrap(closure)`](Context::wrap) |
//! | another process, through a job queue | the [`Context`] as a serialized field of the job |
//! | an HTTP request | `tower::ContextLayer`, with the feature `tower` |
//!
//! A context can also carry reference IDs that are added to each activity inside:
//! [`Context::with_reference`].
//!
//! # Traces
//!
//! The reference [`trace_id`](TRACE_ID) links an activity to a distributed trace. If the context
//! names one, each activity has it; `tower::ContextLayer` sets it for a request with a trusted
//! `traceparent` header.
//!
//! Otherwise, with the feature `opentelemetry`, it is the ID of the trace in which the activity is
//! recorded, if any. This is the trace of the current OpenTelemetry context, or else of the current
//! span of `tracing`, by way of the crate `tracing-opentelemetry`. [`Context::current`] includes
//! it, so that tasks, threads and payloads receive it and keep it in traces of their own. A span
//! that is not sampled counts; an invalid one does not. Put `#[tracked]` above `#[instrument]`: if
//! it is below, the function's own span has ended when the activity is recorded.

pub use crate::{
    ambient::{Context, TRACE_ID},
    tracker::{ContextExt, InContext},
};
