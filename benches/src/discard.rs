//! The receivers of the values: each takes them, shows them to the optimizer, and throws them away.

use std::{fmt, future::ready, hint::black_box};

use fastrace::collector::{Reporter, SpanRecord};
use tracing::{
    Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};
use tracker_core::{
    Store, StoreError,
    store::{Batch, BoxFuture},
    timeline::{Page, Query},
};

/// A store that goes over the rows of every batch, and throws it away.
#[derive(Clone, Copy, Debug)]
pub struct DiscardStore;

impl Store for DiscardStore {
    fn write(&self, batch: Batch) -> BoxFuture<'_, Result<(), StoreError>> {
        black_box(batch.bytes());
        Box::pin(ready(Ok(())))
    }

    fn timeline(&self, query: Query) -> BoxFuture<'_, Result<Page, StoreError>> {
        Box::pin(ready(Ok(Page::from_rows(&query, Vec::new()))))
    }

    fn migrate(&self) -> BoxFuture<'_, Result<Vec<String>, StoreError>> {
        Box::pin(ready(Ok(Vec::new())))
    }

    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(ready(Ok(())))
    }

    fn describe(&self) -> String {
        "nowhere".to_owned()
    }
}

/// The fields of a span, as strings.
#[derive(Debug, Default)]
pub struct Fields(pub Vec<(&'static str, String)>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}")));
    }
}

/// A layer that keeps the fields of every span with the span, and passes them to `F` when the span
/// closes.
#[derive(Clone, Copy, Debug)]
pub struct KeepFields<F>(pub F);

/// A layer that throws the fields away when the span closes.
#[must_use]
pub fn keep_and_discard_fields() -> KeepFields<impl Fn(Fields) + Send + Sync + 'static> {
    KeepFields(|fields| drop(black_box(fields)))
}

impl<S, F> Layer<S> for KeepFields<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    F: Fn(Fields) + Send + Sync + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields(Vec::with_capacity(attributes.fields().len()));
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let taken = |span: SpanRef<'_, S>| span.extensions_mut().remove::<Fields>();
        if let Some(fields) = context.span(&id).and_then(taken) {
            (self.0)(fields);
        }
    }
}

/// A reporter that passes every batch of spans to `F`.
#[derive(Clone, Copy, Debug)]
pub struct Report<F>(pub F);

impl<F: FnMut(Vec<SpanRecord>) + Send + 'static> Reporter for Report<F> {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        (self.0)(spans);
    }
}
