//! The cases, their set-up, and the timing of calls.
//!
//! A call creates a future, polls it once to its end with a waker that does nothing, and drops it.
//! No runtime is measured.
//!
//! Another thread handles the values of a call: the tracker's writer or fastrace's collector. It
//! runs beside the calls and so has its part in the figures. Its remaining work after a
//! [chunk](CALLS_PER_CHUNK) of calls is done before the next chunk, outside the measured time.
//! Otherwise a queue would fill up, and the figures would be those of dropped values.

use std::{
    future::Future,
    hint::black_box,
    ops::AddAssign,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Waker},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use cpu_time::ThreadTime;
use fastrace::{
    Span,
    collector::{Config, SpanContext, SpanRecord},
};
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::layer::SubscriberExt;
use tracker_core::{Installed, Tracker};

use crate::{
    deploy::{self, ARGUMENTS},
    discard::{DiscardStore, Report, keep_and_discard_fields},
};

/// The number of calls that are timed at a stretch. They fit the tracker's queue (16,384), and
/// fastrace's channel (10,240 messages, six for a call with a root span of its own).
pub const CALLS_PER_CHUNK: u64 = 1_500;

/// The time of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The time by the wall clock, for which the caller waits, including the machine's other work.
    pub wall: Duration,
    /// The time on the processor, on the caller's thread alone. It is the same on busy and idle
    /// machines, but for waiting.
    pub cpu: Duration,
}

impl AddAssign for Taken {
    fn add_assign(&mut self, other: Self) {
        self.wall += other.wall;
        self.cpu += other.cpu;
    }
}

struct Stopwatch {
    wall: Instant,
    cpu: ThreadTime,
}

impl Stopwatch {
    fn start() -> Self {
        let cpu = ThreadTime::now();
        Self {
            wall: Instant::now(),
            cpu,
        }
    }

    fn taken(&self) -> Taken {
        Taken {
            wall: self.wall.elapsed(),
            cpu: self.cpu.elapsed(),
        }
    }
}

/// A case that has been set up.
pub trait Case {
    /// Makes `calls` calls and returns their time.
    fn time(&mut self, calls: u64) -> Taken;

    /// Checks that no values were lost: figures of calls whose values went nowhere mean nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if fewer values arrived than were handed on.
    fn check(&self) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Sets up the case of this name.
///
/// # Errors
///
/// Returns an error if no case has the name, or if it was set up before: each can be set up once in
/// a process.
pub fn set_up(name: &str) -> anyhow::Result<Box<dyn Case>> {
    Ok(match name {
        "plain" => Box::new(Plain),
        "not_installed" => Box::new(NotInstalled),
        "tracked" => Box::new(Tracked::install()?),
        "tracing" => Box::new(Tracing::install()?),
        "fastrace" => Box::new(Fastrace::install(Root::PerCall)),
        "fastrace_shared_root" => Box::new(Fastrace::install(Root::PerChunk)),
        _ => bail!(
            "no case is called {name:?}: use one of {}",
            NAMES.join(", ")
        ),
    })
}

/// The names of the cases, in an order in which all can be set up and run in one process.
pub const NAMES: [&str; 6] = [
    "plain",
    "not_installed",
    "tracked",
    "tracing",
    "fastrace",
    "fastrace_shared_root",
];

/// Calls a function `calls` times with the [`ARGUMENTS`], each time within a `scope`, and returns
/// the time.
macro_rules! time_calls {
    ($calls:expr, $function:path) => {
        time_calls!($calls, $function, ())
    };
    ($calls:expr, $function:path, $scope:expr) => {{
        let stopwatch = Stopwatch::start();
        for _ in 0..$calls {
            let _scope = $scope;
            let arguments = black_box(ARGUMENTS);
            // The future stays in place, as it does for a caller that awaits it.
            let call = pin!($function(
                arguments.user_id,
                arguments.request_id,
                arguments.project_id,
                arguments.image,
                arguments.deployment_id,
                arguments.url,
            ));
            // The future never waits, so it has an output.
            let _ = black_box(call.poll(&mut Context::from_waker(Waker::noop())));
        }
        stopwatch.taken()
    }};
}

/// Makes the calls in chunks. The sum excludes the work of `time` after it has timed a chunk.
fn in_chunks(calls: u64, mut time: impl FnMut(u64) -> Taken) -> Taken {
    let mut left = calls;
    let mut taken = Taken::default();
    while left > 0 {
        let chunk = left.min(CALLS_PER_CHUNK);
        taken += time(chunk);
        left -= chunk;
    }
    taken
}

/// The function without an attribute.
struct Plain;

impl Case for Plain {
    fn time(&mut self, calls: u64) -> Taken {
        time_calls!(calls, deploy::plain)
    }
}

/// `#[tracked]` in a process without a tracker.
struct NotInstalled;

impl Case for NotInstalled {
    fn time(&mut self, calls: u64) -> Taken {
        time_calls!(calls, deploy::tracked)
    }

    fn check(&self) -> anyhow::Result<()> {
        ensure!(Tracker::current().is_none(), "a tracker is installed");
        Ok(())
    }
}

/// `#[tracked]` with an installed tracker that has its defaults, and a store that discards.
struct Tracked {
    tracker: Installed,
    runtime: Runtime,
    calls: u64,
}

impl Tracked {
    fn install() -> anyhow::Result<Self> {
        Ok(Self {
            tracker: Tracker::builder().store(DiscardStore).build()?.install()?,
            runtime: Builder::new_current_thread().build()?,
            calls: 0,
        })
    }
}

impl Case for Tracked {
    fn time(&mut self, calls: u64) -> Taken {
        self.calls += calls;
        in_chunks(calls, |chunk| {
            let taken = time_calls!(chunk, deploy::tracked);
            self.runtime.block_on(self.tracker.flush());
            taken
        })
    }

    fn check(&self) -> anyhow::Result<()> {
        let stats = self.tracker.stats();
        ensure!(
            stats.stored == self.calls,
            "{} calls were made, but {stats:?}",
            self.calls
        );
        Ok(())
    }
}

/// `#[tracing::instrument]` with a registry, and a layer that keeps every field as a string until
/// the span closes.
struct Tracing;

impl Tracing {
    fn install() -> anyhow::Result<Self> {
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
struct Fastrace {
    root: Root,
    spans: u64,
    reported: Arc<AtomicU64>,
}

/// The calls that share a root span.
enum Root {
    /// Each call has its own, made within the measured time, as in a request with one such call.
    PerCall,
    /// All calls of a chunk share one, made outside the measured time, so that the attribute alone
    /// is measured.
    PerChunk,
}

impl Fastrace {
    fn install(root: Root) -> Self {
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
