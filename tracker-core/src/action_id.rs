//! The IDs of activities that tracked functions record: UUIDs of version 7.

use std::cell::Cell;

use uuid::{NoContext, Timestamp, Uuid};

use crate::clock::NANOS_PER_MS;

/// The bits of a millisecond's fraction in an ID.
const FRACTION_BITS: u32 = 12;

/// The bits of an ID's lower half that are no variant.
const LOW_BITS: u32 = 62;

/// Makes IDs that ascend as their times do, to a quarter of a microsecond; of equal times, in the
/// order in which they are made.
///
/// The twelve bits behind the milliseconds are the fraction of the millisecond, as RFC 9562 allows
/// for (6.2, method 3). So the IDs of activities that several threads record are in the order of
/// their times, whichever thread hands over first. The other 62 bits are random. Within one and the
/// same time they ascend by random steps of 32 bits.
#[derive(Debug, Default)]
pub(crate) struct ActionIds {
    /// The upper half of the last ID, and the 62 bits of its lower half.
    last: Cell<(u64, u64)>,
}

impl ActionIds {
    /// The ID of an activity of this time, in nanoseconds since the Unix epoch.
    pub(crate) fn next(&self, time: u64) -> Uuid {
        let (ms, nanos) = (time / NANOS_PER_MS, time % NANOS_PER_MS);
        let fraction = (nanos << FRACTION_BITS) / NANOS_PER_MS;
        let high = (ms << 16) | (7 << FRACTION_BITS) | fraction;
        // Version 7 with a context of its own has as many random bits as any source of them.
        let (_, random) = Uuid::new_v7(Timestamp::from_unix(NoContext, 0, 0)).as_u64_pair();
        let (last_high, last_low) = self.last.get();
        let low = if high == last_high {
            last_low.wrapping_add(1 + (random & u64::from(u32::MAX))) & lowest(LOW_BITS)
        } else {
            // The highest bit is left for what is added.
            random & lowest(LOW_BITS - 1)
        };
        self.last.set((high, low));
        Uuid::from_u64_pair(high, (1 << 63) | low)
    }
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
}
