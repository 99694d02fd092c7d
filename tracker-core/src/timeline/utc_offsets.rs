//! When days and hours begin: [`UtcOffsets`].

use super::Bucket;

/// The offsets of clocks from UTC over time, by which a time belongs to a day.
///
/// A time zone is such a series of offsets. This crate has no time zone data: the caller turns a
/// zone into the series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UtcOffsets {
    /// The offset in seconds before the first transition.
    first: i32,
    /// Times in milliseconds since the Unix epoch, ascending, each with the offset in seconds from
    /// then on.
    transitions: Vec<(i64, i32)>,
}

impl UtcOffsets {
    /// The most transitions that a series can have. A zone in which clocks change twice a year has
    /// 400 in two centuries.
    pub const TRANSITIONS_MAX: usize = 2_048;

    /// Clocks that are always this many seconds ahead of UTC. The default is 0, which is UTC
    /// itself.
    #[must_use]
    pub fn fixed(seconds: i32) -> Self {
        Self {
            first: seconds,
            transitions: Vec::new(),
        }
    }

    /// Clocks that are `first` seconds ahead of UTC, and change at these transitions. A transition
    /// is a time in milliseconds since the Unix epoch, and the seconds ahead of UTC from then on.
    ///
    /// The transitions can be in any order; the latter of two at the same time counts. If there are
    /// more than [`TRANSITIONS_MAX`](Self::TRANSITIONS_MAX), the latest are left out, so that the
    /// offset before them holds for ever.
    #[must_use]
    pub fn changing(first: i32, transitions: impl IntoIterator<Item = (i64, i32)>) -> Self {
        let mut transitions: Vec<_> = transitions.into_iter().collect();
        transitions.sort_by_key(|(at, _)| *at);
        transitions.reverse();
        transitions.dedup_by_key(|(at, _)| *at);
        transitions.reverse();
        transitions.truncate(Self::TRANSITIONS_MAX);
        let mut offsets = Self { first, transitions };
        // No time comes before `i64::MIN`, so the offset from then on is the first one.
        if let Some((i64::MIN, seconds)) = offsets.transitions.first() {
            offsets.first = *seconds;
            offsets.transitions.remove(0);
        }
        offsets
    }

    /// Returns the seconds that clocks are ahead of UTC at a time in milliseconds since the Unix
    /// epoch.
    #[must_use]
    pub fn at(&self, ms: i64) -> i32 {
        self.since(ms).1
    }

    /// Returns the time since which clocks have had the offset of a time, and the offset.
    fn since(&self, ms: i64) -> (i64, i32) {
        let passed = self.transitions.partition_point(|(at, _)| *at <= ms);
        let last = passed
            .checked_sub(1)
            .and_then(|last| self.transitions.get(last));
        last.copied().unwrap_or((i64::MIN, self.first))
    }

    /// Returns true if no clock is changed between two times.
    #[cfg(feature = "postgres")]
    pub(crate) fn is_same(&self, first: i64, last: i64) -> bool {
        self.since(first) == self.since(last)
    }

    /// Returns the time at which the hour of a time begins, both in milliseconds since the Unix
    /// epoch. A change of clocks begins an hour.
    #[must_use]
    pub fn hour_of(&self, created_at: i64) -> i64 {
        let (since, seconds) = self.since(created_at);
        let ahead = i64::from(seconds) * 1_000;
        let passed = created_at.rem_euclid(Bucket::HOUR_MS) + ahead.rem_euclid(Bucket::HOUR_MS);
        let begins = created_at.saturating_sub(passed.rem_euclid(Bucket::HOUR_MS));
        begins.max(since)
    }

    /// Returns the day of a time in milliseconds since the Unix epoch, as a number of days since
    /// 1970-01-01.
    #[must_use]
    pub fn day_of(&self, created_at: i64) -> i64 {
        created_at
            .saturating_add(i64::from(self.at(created_at)) * 1_000)
            .div_euclid(Bucket::DAY_MS)
    }
}

/// A stretch of time between two transitions, as a statement takes it.
#[cfg(feature = "sqlite")]
#[derive(serde::Serialize)]
pub(crate) struct Span {
    /// The time since which clocks have had this offset, in milliseconds since the Unix epoch.
    since: i64,
    /// The first time and the last, inclusive, in milliseconds since the Unix epoch.
    first: i64,
    last: i64,
    /// The milliseconds that clocks are ahead of UTC in the span.
    ahead: i64,
    /// The bounds to which times are clamped, so that adding `ahead` does not overflow.
    least: i64,
    most: i64,
}

/// The parts that statements take.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl UtcOffsets {
    /// Returns the spans between transitions that overlap with a range of times, clipped to the
    /// range. Both bounds are inclusive.
    #[cfg(feature = "sqlite")]
    pub(crate) fn spans(&self, from: i64, to: i64) -> Vec<Span> {
        let firsts = [i64::MIN].into_iter().chain(self.transition_times());
        let lasts = self.transition_times().map(|at| at - 1).chain([i64::MAX]);
        let spans = firsts.zip(lasts).zip(self.offsets_ms());
        let spans = spans.map(|((first, last), ahead)| Span {
            since: first,
            first: first.max(from),
            last: last.min(to),
            ahead,
            least: i64::MIN.saturating_sub(ahead),
            most: i64::MAX.saturating_sub(ahead),
        });
        spans.filter(|span| span.first <= span.last).collect()
    }

    /// Returns the times at which clocks change, in milliseconds since the Unix epoch.
    pub(crate) fn transition_times(&self) -> impl Iterator<Item = i64> {
        self.transitions.iter().map(|(at, _)| *at)
    }

    /// Returns the offset before the first transition, and the one from each transition on, in
    /// milliseconds.
    pub(crate) fn offsets_ms(&self) -> impl Iterator<Item = i64> {
        let later = self.transitions.iter().map(|(_, seconds)| *seconds);
        let all = [self.first].into_iter().chain(later);
        all.map(|seconds| i64::from(seconds) * 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = Bucket::DAY_MS;
    const HOUR: i32 = 3_600;

    #[test]
    fn a_day_is_shorter_or_longer_by_what_clocks_are_changed_on_it() {
        let at = DAY + 2 * 3_600_000;
        let forward = UtcOffsets::changing(0, [(at, HOUR)]);
        assert_eq!(forward.day_of(DAY), 1);
        assert_eq!(forward.day_of(2 * DAY - 3_600_001), 1);
        assert_eq!(forward.day_of(2 * DAY - 3_600_000), 2);
        let back = UtcOffsets::changing(HOUR, [(at, 0)]);
        assert_eq!(back.day_of(DAY - 3_600_000), 1);
        assert_eq!(back.day_of(2 * DAY - 1), 1);
        assert_eq!(back.day_of(2 * DAY), 2);
    }

    #[test]
    fn an_hour_begins_by_the_clocks_and_anew_where_they_are_changed() {
        let hour = Bucket::HOUR_MS;
        let india = UtcOffsets::fixed(5 * HOUR + HOUR / 2);
        assert_eq!(india.hour_of(0), -hour / 2);
        assert_eq!(india.hour_of(hour / 2 - 1), -hour / 2);
        assert_eq!(india.hour_of(hour / 2), hour / 2);
        // Clocks are put back by an hour, and by half of one.
        for (by, begins) in [
            (HOUR, [0, hour, 2 * hour]),
            (HOUR / 2, [0, hour, hour * 3 / 2]),
        ] {
            let offsets = UtcOffsets::changing(2 * HOUR, [(hour, 2 * HOUR - by)]);
            let times = [hour - 1, hour, begins[2]];
            assert_eq!(times.map(|time| offsets.hour_of(time)), begins);
        }
        assert_eq!(india.hour_of(i64::MIN), i64::MIN);
    }

    #[test]
    fn transitions_are_in_the_order_of_time_once_each_and_no_more_than_there_can_be() {
        let offsets = UtcOffsets::changing(1, [(20, 4), (10, 2), (10, 3)]);
        let seen = [i64::MIN, 9, 10, 19, 20, i64::MAX].map(|ms| offsets.at(ms));
        assert_eq!(seen, [1, 1, 3, 3, 4, 4]);
        let most = i64::try_from(UtcOffsets::TRANSITIONS_MAX).unwrap();
        let many = UtcOffsets::changing(0, (1..=2 * most).map(|ms| (ms, 1 + (ms % 2) as i32)));
        assert_eq!(many.transitions.len(), UtcOffsets::TRANSITIONS_MAX);
        assert_eq!(many.at(i64::MAX), many.at(most));
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn spans_cover_all_times_between_two_once() {
        let edges = [(i64::MIN, 1), (0, -HOUR), (10, HOUR), (i64::MAX, 7)];
        let offsets = UtcOffsets::changing(0, edges);
        let ends = |from, to| -> Vec<_> {
            let spans = offsets.spans(from, to).into_iter();
            spans
                .map(|span| (span.first, span.last, span.ahead))
                .collect()
        };
        let last = i64::MAX - 1;
        assert_eq!(
            ends(i64::MIN, i64::MAX),
            [
                (i64::MIN, -1, 1_000),
                (0, 9, -3_600_000),
                (10, last, 3_600_000),
                (i64::MAX, i64::MAX, 7_000),
            ]
        );
        assert_eq!(ends(3, 12), [(3, 9, -3_600_000), (10, 12, 3_600_000)]);
        assert_eq!(ends(4, 3), []);
    }
}
