//! The trace that the running code belongs to, as OpenTelemetry knows it.

use opentelemetry::{
    Context,
    trace::{TraceContextExt, TraceId},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::panics::quietly;

/// The trace ID of the current OpenTelemetry context; where that has none, of the current span of
/// `tracing`, as its layer may be told not to activate the contexts of spans that are entered.
pub(crate) fn current_trace_id() -> Option<TraceId> {
    let mut id = None;
    // Both read thread-locals, which may be gone or borrowed, and run code of the subscriber's.
    quietly(|| {
        id = Context::map_current(trace_id).or_else(|| trace_id(&Span::current().context()));
    });
    id
}

fn trace_id(context: &Context) -> Option<TraceId> {
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| span.trace_id())
}
