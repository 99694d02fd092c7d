//! The timing of calls.

use std::{
    ops::AddAssign,
    time::{Duration, Instant},
};

use cpu_time::ThreadTime;

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

/// A measurement under way.
pub(super) struct Stopwatch {
    wall: Instant,
    cpu: ThreadTime,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        let cpu = ThreadTime::now();
        Self {
            wall: Instant::now(),
            cpu,
        }
    }

    pub(super) fn taken(&self) -> Taken {
        Taken {
            wall: self.wall.elapsed(),
            cpu: self.cpu.elapsed(),
        }
    }
}

/// Calls a function with the [`ARGUMENTS`](crate::deploy::ARGUMENTS).
macro_rules! call {
    ($function:path) => {{
        let arguments = std::hint::black_box(crate::deploy::ARGUMENTS);
        $function(
            arguments.user_id,
            arguments.request_id,
            arguments.project_id,
            arguments.image,
            arguments.deployment_id,
            arguments.url,
        )
    }};
}
pub(super) use call;

/// Calls a function `calls` times, each time within a `scope`, and returns the time.
macro_rules! time_calls {
    ($calls:expr, $function:path) => {
        time_calls!($calls, $function, ())
    };
    ($calls:expr, $function:path, $scope:expr) => {{
        let stopwatch = Stopwatch::start();
        for _ in 0..$calls {
            let _scope = $scope;
            // The future stays in place, as it does for a caller that awaits it.
            let call = std::pin::pin!(call!($function));
            let polled = call.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
            // The future never waits, so it has an output.
            let _ = std::hint::black_box(polled);
        }
        stopwatch.taken()
    }};
}
pub(super) use time_calls;

/// Makes the calls in chunks. The sum excludes the work of `time` after it has timed a chunk.
pub(super) fn in_chunks(calls: u64, mut time: impl FnMut(u64) -> Taken) -> Taken {
    let mut left = calls;
    let mut taken = Taken::default();
    while left > 0 {
        let chunk = left.min(CALLS_PER_CHUNK);
        taken += time(chunk);
        left -= chunk;
    }
    taken
}
