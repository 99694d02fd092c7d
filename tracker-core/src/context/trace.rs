//! The OpenTelemetry trace of the running code.

use opentelemetry::{
    Context,
    trace::{TraceContextExt, TraceId},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::quietly::quietly;

/// Returns the trace ID of the current OpenTelemetry context, or else of the current span of
/// `tracing`. The latter is needed because the layer of `tracing-opentelemetry` can be configured
/// not to activate the contexts of entered spans.
pub(crate) fn current_trace_id() -> Option<TraceId> {
    let mut id = None;
    // Both read thread-locals, which may be destroyed or borrowed, and run the subscriber's code.
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
