//! The time of day: milliseconds as a row has them, and nanoseconds of a counter for those who ask
//! often.

use std::{
    cell::Cell,
    sync::OnceLock,
    time::{SystemTime, UNIX_EPOCH},
};

use quanta::Clock;

/// The nanoseconds for which a thread counts on from a time of day that it has read. After a step
/// of the clock, a thread is wrong for no longer than this, which is the precision of a row.
const COUNTED_MAX: u64 = NANOS_PER_MS;

/// The nanoseconds of a millisecond.
pub(crate) const NANOS_PER_MS: u64 = 1_000_000;

/// The processor's counter, once it is known how fast it is.
static COUNTER: OnceLock<Clock> = OnceLock::new();

thread_local! {
    static READ: Cell<Reading> = const { Cell::new(Reading { ticks: 0, time: 0 }) };
}

/// A time of day, and the counter at that time.
#[derive(Clone, Copy)]
struct Reading {
    ticks: u64,
    time: u64,
}

/// Finds out how fast the counter is, once in the process. It takes some milliseconds, a fifth of a
/// second at most. Until then, [`now`] asks the system.
pub(crate) fn calibrate() {
    COUNTER.get_or_init(Clock::new);
}

/// The time now, in nanoseconds since the Unix epoch, or 0 before it.
///
/// A thread asks the system no more than once in a millisecond, and counts on in between. On one
/// thread the time goes back only where the system's clock does, and then by more than a
/// millisecond.
#[inline]
pub(crate) fn now() -> u64 {
    let Some(counter) = COUNTER.get() else {
        return system_time();
    };
    let read = READ.get();
    let ticks = counter.raw();
    let passed = counter.delta_as_nanos(read.ticks, ticks);
    // Another processor's counter can be behind.
    if passed < COUNTED_MAX && ticks >= read.ticks {
        return read.time + passed;
    }
    read_again(read.time + passed, ticks)
}

#[cold]
fn read_again(counted: u64, ticks: u64) -> u64 {
    let time = system_time();
    let is_ahead_a_little = counted.checked_sub(time).is_some_and(|by| by < COUNTED_MAX);
    let time = if is_ahead_a_little { counted } else { time };
    READ.set(Reading { ticks, time });
    time
}

fn system_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

/// The time now, in milliseconds since the Unix epoch, or 0 before it.
pub(crate) fn now_ms() -> i64 {
    ms(system_time())
}

/// Nanoseconds as whole milliseconds.
pub(crate) fn ms(nanos: u64) -> i64 {
    i64::try_from(nanos / NANOS_PER_MS).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counted_time_is_that_of_the_system_to_a_millisecond_and_does_not_go_back() {
        calibrate();
        let mut last = 0;
        for _ in 0..200_000 {
            let before = system_time();
            let time = now();
            let after = system_time();
            assert!(time >= last);
            // A thread that is put to sleep in between widens its own limits.
            assert!(time + COUNTED_MAX >= before && time <= after + COUNTED_MAX);
            last = time;
        }
    }
}
