//! The attributes of other projects.

use std::{
    future::Future,
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, ensure};
use fastrace::{
    Span,
    collector::{Config, SpanContext, SpanRecord},
};
use tracing_subscriber::layer::SubscriberExt;

use super::{
    case::Case,
    timing::{Stopwatch, Taken, call, in_chunks, time_calls},
};
use crate::{
    deploy,
    discard::{Report, keep_and_discard_fields},
};

/// `#[tracing::instrument]` with a registry, and a layer that keeps every field as a string until
/// the span closes.
pub(super) struct Tracing;

impl Tracing {
    pub(super) fn install() -> anyhow::Result<Self> {
        let subscriber = tracing_subscriber::registry().with(keep_and_discard_fields());
        tracing::subscriber::set_global_default(subscriber)
            .context("a subscriber is installed already")?;
        Ok(Self)
    }
}

impl Case for Tracing {
    fn time(&mut self, calls: u64) -> Taken {
        time_calls!(calls, deploy::instrumented)
    }
}

/// `#[fastrace::trace]` under a root span, with a reporter that discards.
pub(super) struct Fastrace {
    root: Root,
    spans: u64,
    reported: Arc<AtomicU64>,
}

/// The calls that share a root span.
pub(super) enum Root {
    /// Each call has its own, made within the measured time, as in a request with one such call.
    PerCall,
    /// All calls of a chunk share one, made outside the measured time, so that the attribute alone
    /// is measured.
    PerChunk,
}

impl Fastrace {
    pub(super) fn install(root: Root) -> Self {
        let reported = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&reported);
        let discard = Report(move |spans: Vec<SpanRecord>| {
            count.fetch_add(black_box(spans).len() as u64, Ordering::Relaxed);
        });
        fastrace::set_reporter(discard, Config::default());
        Self {
            root,
            spans: 0,
            reported,
        }
    }
}

fn root_span() -> Span {
    Span::root("request", SpanContext::random())
}

impl Case for Fastrace {
    fn time(&mut self, calls: u64) -> Taken {
        in_chunks(calls, |chunk| {
            let taken = match self.root {
                Root::PerCall => {
                    self.spans += 2 * chunk;
                    time_calls!(chunk, deploy::traced, {
                        let root = root_span();
                        let local_parent = root.set_local_parent();
                        (local_parent, root)
                    })
                }
                Root::PerChunk => {
                    self.spans += chunk + 1;
                    let root = root_span();
                    let _local_parent = root.set_local_parent();
                    time_calls!(chunk, deploy::traced)
                }
            };
            fastrace::flush();
            taken
        })
    }

    fn check(&self) -> anyhow::Result<()> {
        let reported = self.reported.load(Ordering::Relaxed);
        ensure!(
            reported == self.spans,
            "{} spans were made, but {reported} reported",
            self.spans
        );
        Ok(())
    }
}
