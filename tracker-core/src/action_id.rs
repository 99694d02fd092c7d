//! The IDs of activities that tracked functions record: UUIDs of version 7.

use std::cell::Cell;

use uuid::{NoContext, Timestamp, Uuid};

use crate::clock::NANOS_PER_MS;

/// The bits of a millisecond's fraction in an ID.
const FRACTION_BITS: u32 = 12;

/// The bits of an ID's lower half that are no variant.
const LOW_BITS: u32 = 62;

/// The nanoseconds by which an activity may be taken later than one that is newer: several times
/// the age that a batch has when it is taken.
const DISORDER_MAX: u64 = 1_000 * NANOS_PER_MS;

/// Makes IDs that ascend as their times do, to a quarter of a microsecond; of equal times, in the
/// order in which they are made.
///
/// The twelve bits behind the milliseconds are the fraction of the millisecond, as RFC 9562 allows
/// for (6.2, method 3). So the IDs of activities that several threads record are in the order of
/// their times, whichever thread hands over first. The other 62 bits are random. Within one and the
/// same time they ascend by random steps of 32 bits.
///
/// Where the clock has gone back, the IDs have the newest time until it comes again.
#[derive(Debug, Default)]
pub(crate) struct ActionIds {
    last: Cell<Halves>,
    newest: Cell<Halves>,
    newest_time: Cell<u64>,
}

/// The upper half of an ID, and the 62 bits of its lower half.
#[derive(Clone, Copy, Debug, Default)]
struct Halves {
    high: u64,
    low: u64,
}

impl ActionIds {
    /// The ID of an activity of this time, in nanoseconds since the Unix epoch.
    pub(crate) fn next(&self, time: u64) -> Uuid {
        let (last, newest, newest_time) =
            (self.last.get(), self.newest.get(), self.newest_time.get());
        let is_set_back = time.saturating_add(DISORDER_MAX) < newest_time;
        let time = if is_set_back { newest_time } else { time };
        // Version 7 with a context of its own has as many random bits as any source of them.
        let (_, random) = Uuid::new_v7(Timestamp::from_unix(NoContext, 0, 0)).as_u64_pair();
        let high = high(time);
        let low = match [newest, last].into_iter().find(|known| known.high == high) {
            Some(known) => {
                known.low.wrapping_add(1 + (random & u64::from(u32::MAX))) & lowest(LOW_BITS)
            }
            // The highest bit is left for what is added.
            None => random & lowest(LOW_BITS - 1),
        };
        let own = Halves { high, low };
        self.last.set(own);
        if high >= newest.high {
            self.newest.set(own);
            self.newest_time.set(newest_time.max(time));
        }
        Uuid::from_u64_pair(high, (1 << 63) | low)
    }
}

/// The upper half of an ID of this time.
fn high(time: u64) -> u64 {
    let (ms, nanos) = (time / NANOS_PER_MS, time % NANOS_PER_MS);
    let fraction = (nanos << FRACTION_BITS) / NANOS_PER_MS;
    (ms << 16) | (7 << FRACTION_BITS) | fraction
}

/// So many of the lowest bits.
fn lowest(bits: u32) -> u64 {
    (1 << bits) - 1
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Variant;

    use super::*;

    const TIME: u64 = 1_790_000_000_123_456_789;

    #[test]
    fn an_id_is_of_version_7_and_holds_the_time() {
        let id = ActionIds::default().next(TIME);
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_variant(), Variant::RFC4122);
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        assert_eq!(
            seconds * 1_000 + u64::from(nanos / 1_000_000),
            TIME / NANOS_PER_MS
        );
    }

    #[test]
    fn ids_ascend_with_their_times_whoever_makes_them() {
        let makers = [ActionIds::default(), ActionIds::default()];
        let ids: Vec<_> = (TIME..)
            .step_by(250)
            .zip(makers.iter().cycle())
            .map(|(time, maker)| maker.next(time))
            .take(10_000)
            .collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn ids_of_one_time_ascend_in_their_order_and_are_no_ones_else() {
        let [one, other] = [ActionIds::default(), ActionIds::default()];
        let ids: Vec<_> = (0..10_000).map(|_| one.next(TIME)).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        let ids: HashSet<_> = ids.into_iter().collect();
        assert!((0..10_000).all(|_| !ids.contains(&other.next(TIME))));
    }

    #[test]
    fn ids_ascend_though_the_clock_goes_back_and_have_the_time_again_when_it_has_come() {
        const HOUR: u64 = 3_600_000 * NANOS_PER_MS;
        let ids = ActionIds::default();
        let times = (TIME..).step_by(1_000).take(1_000);
        let made: Vec<_> = times
            .clone()
            .chain(times.map(|time| time - HOUR))
            .map(|time| ids.next(time))
            .collect();
        assert!(made.is_sorted_by(|a, b| a < b));
        let later = TIME + HOUR;
        let (high, _) = ids.next(later).as_u64_pair();
        assert_eq!(high >> 16, later / NANOS_PER_MS);
    }
}
