//! The cases, their set-up, and the timing of calls.
//!
//! A call creates a future, polls it once to its end with a waker that does nothing, and drops it.
//! No runtime is measured.
//!
//! Another thread handles the values of a call: the tracker's writer or fastrace's collector. It
//! runs beside the calls and so has its part in the figures. Its remaining work after a
//! [chunk](CALLS_PER_CHUNK) of calls is done before the next chunk, outside the measured time.
//! Otherwise a queue would fill up, and the figures would be those of dropped values.

mod case;
mod peers;
mod recorded;
mod timing;

use anyhow::{bail, ensure};
use tracker_core::Tracker;

pub use self::{
    case::Case,
    recorded::recorded_calls,
    timing::{CALLS_PER_CHUNK, Taken},
};
use self::{
    peers::{Fastrace, Root, Tracing},
    recorded::{Always, Durable, Tracked},
    timing::{Stopwatch, call, time_calls},
};
use crate::deploy;

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
        "always" => Box::new(Always::install()?),
        "durable" => Box::new(Durable::install()?),
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
pub const NAMES: [&str; 8] = [
    "plain",
    "not_installed",
    "tracked",
    "always",
    "durable",
    "tracing",
    "fastrace",
    "fastrace_shared_root",
];

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
