//! `#[tracked]` with an installed tracker that has its defaults, and a store that discards.

use std::{future::Future, sync::OnceLock};

use anyhow::{Context as _, ensure};
use tokio::runtime::{Builder, Runtime};
use tracker_core::{ActionType, Activity, Installed, Tracker};

use super::{
    case::Case,
    timing::{Stopwatch, Taken, call, in_chunks, time_calls},
};
use crate::{deploy, discard::DiscardStore};

/// The tracker of the process, which the cases share.
static INSTALLED: OnceLock<Installed> = OnceLock::new();

/// The calls of a case, and their way into the store.
struct Recorder {
    tracker: &'static Tracker,
    runtime: Runtime,
    /// The activities that other cases have stored before.
    stored_before: u64,
    calls: u64,
}

impl Recorder {
    fn install() -> anyhow::Result<Self> {
        if INSTALLED.get().is_none() {
            let tracker = Tracker::builder().store(DiscardStore).build()?;
            let _ = INSTALLED.set(tracker.install()?);
        }
        let tracker: &Tracker = INSTALLED.get().context("a tracker is installed")?;
        let runtime = Builder::new_current_thread().build()?;
        // Its thread has then begun, which is no part of the calls.
        tracker.record(Activity::new(ActionType::Deployment));
        runtime.block_on(tracker.flush());
        Ok(Self {
            tracker,
            runtime,
            stored_before: tracker.stats().stored,
            calls: 0,
        })
    }

    /// Times the calls in chunks, each of which is stored before the next one.
    fn time(&mut self, calls: u64, mut chunk: impl FnMut(&Self, u64) -> Taken) -> Taken {
        self.calls += calls;
        in_chunks(calls, |calls| {
            let taken = chunk(self, calls);
            self.flush();
            taken
        })
    }

    fn flush(&self) {
        self.runtime.block_on(self.tracker.flush());
    }

    fn check(&self) -> anyhow::Result<()> {
        let stats = self.tracker.stats();
        ensure!(
            stats.stored - self.stored_before == self.calls,
            "{} calls were made, but {stats:?}",
            self.calls
        );
        Ok(())
    }
}

/// Makes calls of the function with `#[tracked]` alone, whatever tracker is installed.
pub fn recorded_calls(calls: u32) {
    let _ = time_calls!(calls, deploy::tracked);
}

/// `#[tracked]` alone, which records successes and waits for nothing.
pub(super) struct Tracked(Recorder);

impl Tracked {
    pub(super) fn install() -> anyhow::Result<Self> {
        Recorder::install().map(Self)
    }
}

impl Case for Tracked {
    fn time(&mut self, calls: u64) -> Taken {
        self.0
            .time(calls, |_, calls| time_calls!(calls, deploy::tracked))
    }

    fn check(&self) -> anyhow::Result<()> {
        self.0.check()
    }
}

/// `#[tracked(record = "always")]`, which records every end of a call.
pub(super) struct Always(Recorder);

impl Always {
    pub(super) fn install() -> anyhow::Result<Self> {
        Recorder::install().map(Self)
    }
}

impl Case for Always {
    fn time(&mut self, calls: u64) -> Taken {
        self.0
            .time(calls, |_, calls| time_calls!(calls, deploy::always))
    }

    fn check(&self) -> anyhow::Result<()> {
        self.0.check()
    }
}

/// `#[tracked(durable)]`. Without a journal there is nothing to wait for.
pub(super) struct Durable(Recorder);

impl Durable {
    pub(super) fn install() -> anyhow::Result<Self> {
        Recorder::install().map(Self)
    }
}

impl Case for Durable {
    fn time(&mut self, calls: u64) -> Taken {
        self.0
            .time(calls, |_, calls| time_calls!(calls, deploy::durable))
    }

    fn check(&self) -> anyhow::Result<()> {
        self.0.check()
    }
}
