//! The cost of a call while another thread makes calls too, beside its cost on one thread.
//!
//! The tracker's writer waits for its store meanwhile, so that the callers alone compete.

use std::{
    hint::spin_loop,
    io::{Write as _, stderr},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use tokio::runtime::{Builder, Runtime};
use tracker_bench_support::{
    Figures,
    statistics::{Spread, median},
};
use tracker_benches::cases::recorded_calls;
use tracker_core::{Installed, Tracker};

use crate::held_store::HeldStore;

/// The calls of a thread in a chunk. They are so few that a busy machine seldom interrupts them.
const CALLS: u32 = 1_500;

/// The calls of a thread before its time begins.
const WARM_UP: u32 = 100;

/// The writes that a tracker has under way at most.
const WRITES_AT_ONCE: u64 = 2;

/// The amount of work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunks {
    pub(crate) rounds: u32,
    /// The chunks of a round, on one thread and on two.
    pub(crate) in_round: u32,
}

/// Adds the ratio of both costs: the least of the rounds, because anything else on the machine can
/// only make it greater, and the median. Adds nothing if the machine is too busy for two threads.
pub(crate) fn measure(chunks: Chunks, figures: &mut Figures) -> anyhow::Result<()> {
    let held = Held::install()?;
    let (mut ones, mut ratios) = (Vec::new(), Vec::new());
    for _ in 0..chunks.rounds {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        for _ in 0..chunks.in_round {
            one.extend(held.chunk(1)?);
            two.extend(held.chunk(2)?);
        }
        if !two.is_empty() {
            let (one, two) = (median(one), median(two));
            ones.push(one);
            ratios.push(two / one);
        }
    }
    if ratios.is_empty() {
        writeln!(
            stderr(),
            "No two threads ran at the same time, so their calls are not measured."
        )?;
        return Ok(());
    }
    let ratios = Spread::of(ratios);
    figures.set("one_thread_ns", Spread::of(ones).least);
    figures.set("two_threads_vs_one", ratios.least);
    figures.set("two_threads_vs_one_median", ratios.median);
    Ok(())
}

/// The process's tracker, and its store.
struct Held {
    tracker: Installed,
    store: HeldStore,
    runtime: Runtime,
}

impl Held {
    fn install() -> anyhow::Result<Self> {
        let store = HeldStore::new();
        let tracker = Tracker::builder()
            .store(store.clone())
            .batch_age(Duration::from_millis(1))
            .build()?;
        Ok(Self {
            tracker: tracker.install()?,
            store,
            runtime: Builder::new_current_thread().enable_time().build()?,
        })
    }

    /// Makes the calls of a chunk on some threads. Returns the nanoseconds of a call, or nothing if
    /// the threads did not run at the same time.
    fn chunk(&self, threads: u32) -> anyhow::Result<Option<f64>> {
        self.store.hold();
        self.runtime.block_on(self.occupy_writer());
        let arrived = AtomicU32::new(0);
        let spans = thread::scope(|scope| {
            let callers: Vec<_> = (0..threads)
                .map(|_| scope.spawn(|| Span::of_calls(&arrived, threads)))
                .collect();
            let spans = callers.into_iter().map(|caller| caller.join().ok());
            spans.collect::<Option<Vec<_>>>()
        });
        self.store.release();
        self.runtime.block_on(self.tracker.flush());
        let stats = self.tracker.stats();
        ensure!(stats.dropped.total() == 0, "calls were lost: {stats:?}");
        let spans = spans.context("a thread of calls panicked")?;
        Ok(are_together(&spans).then(|| {
            let times = spans.iter().map(|span| span.time().as_secs_f64());
            times.sum::<f64>() * 1e9 / f64::from(threads) / f64::from(CALLS)
        }))
    }

    /// Makes calls until the writer has as many writes under way as it ever has.
    async fn occupy_writer(&self) {
        let before = self.store.begun();
        for writes in 1..=WRITES_AT_ONCE {
            recorded_calls(1);
            while self.store.begun() < before + writes {
                tokio::time::sleep(Duration::from_micros(100)).await;
            }
        }
    }
}

/// The time in which a thread made its calls.
struct Span {
    began: Instant,
    ended: Instant,
}

impl Span {
    /// Makes the calls of a thread, as soon as all threads have arrived.
    fn of_calls(arrived: &AtomicU32, threads: u32) -> Self {
        recorded_calls(WARM_UP);
        arrived.fetch_add(1, Ordering::AcqRel);
        while arrived.load(Ordering::Acquire) < threads {
            spin_loop();
        }
        let began = Instant::now();
        recorded_calls(CALLS);
        Self {
            began,
            ended: Instant::now(),
        }
    }

    fn time(&self) -> Duration {
        self.ended - self.began
    }
}

/// Returns true if the spans have nine tenths of the longest one in common. Threads that took turns
/// on one processor would not compete.
fn are_together(spans: &[Span]) -> bool {
    let longest = spans.iter().map(Span::time).max().unwrap_or_default();
    let began = spans.iter().map(|span| span.began).max();
    let ended = spans.iter().map(|span| span.ended).min();
    let (Some(began), Some(ended)) = (began, ended) else {
        return false;
    };
    ended.saturating_duration_since(began) >= longest.mul_f64(0.9)
}
