//! The times that the rows of each partition can have, [`Zones`], and the partitions that a
//! statement skips, [`Excluded`].

use std::ops::RangeInclusive;

use tokio_postgres::{Error, Row, types::Type};

use super::super::filter::Parameter;

/// A partition other than the default one, as the map of partitions describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store::postgres) struct Zone {
    /// The bounds of its IDs; the second is exclusive.
    pub(super) first_id: String,
    pub(super) end_id: String,
    /// The times that its rows can have: its period with a day on either side, unless rows of other
    /// times were written.
    pub(super) created: RangeInclusive<i64>,
    /// True if it may have rows without a time.
    pub(super) untimed: bool,
}

impl Zone {
    fn widen(&mut self, by: &Self) {
        let first = *self.created.start().min(by.created.start());
        let last = *self.created.end().max(by.created.end());
        self.created = first..=last;
        self.untimed |= by.untimed;
    }
}

/// The partitions, in the order of their IDs. All other IDs are in the default partition.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::store::postgres) struct Zones(Vec<Zone>);

impl Zones {
    /// Merges the rows of the map, which has another row for a partition each time that its zone
    /// was widened.
    pub(super) fn new(mut map: Vec<Zone>) -> Self {
        // Sorted as texts: the conversion checked that the database sorts these IDs the same way.
        map.sort_by(|a, b| a.first_id.cmp(&b.first_id));
        let mut zones: Vec<Zone> = Vec::with_capacity(map.len());
        for row in map {
            match zones.last_mut() {
                Some(zone) if zone.first_id == row.first_id => zone.widen(&row),
                _ => zones.push(row),
            }
        }
        Self(zones)
    }

    pub(in crate::store::postgres) fn from_rows(rows: &[Row]) -> Result<Self, Error> {
        let zones = rows.iter().map(|row| {
            Ok(Zone {
                first_id: row.try_get(0)?,
                end_id: row.try_get(1)?,
                created: row.try_get(2)?..=row.try_get(3)?,
                untimed: row.try_get(4)?,
            })
        });
        Ok(Self::new(zones.collect::<Result<_, Error>>()?))
    }

    pub(super) fn as_slice(&self) -> &[Zone] {
        &self.0
    }

    /// Skips partitions that are not needed, by the two longest runs of adjacent ones. Some others
    /// that are not needed may still be read; the default partition always is.
    pub(super) fn excluding(&self, is_needed: impl Fn(usize, &Zone) -> bool) -> Excluded<'_> {
        let mut runs: Vec<&[Zone]> = Vec::new();
        let mut from = None;
        for (place, zone) in self.0.iter().enumerate() {
            let is_next = place > 0 && self.0[place - 1].end_id == zone.first_id;
            // The IDs between two partitions that are not adjacent are in the default one.
            let begin = from.filter(|_| is_next).unwrap_or(place);
            if is_needed(place, zone) {
                from = None;
                continue;
            }
            if from == Some(begin) {
                runs.pop();
            }
            runs.push(&self.0[begin..=place]);
            from = Some(begin);
        }
        runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
        let mut excluded = Excluded::default();
        for (bounds, run) in excluded.0.chunks_exact_mut(2).zip(runs) {
            bounds[0] = run.first().map(|zone| &*zone.first_id);
            bounds[1] = run.last().map(|zone| &*zone.end_id);
        }
        excluded
    }

    /// Splits a read into slices of at most `partitions_max` partitions, to be read one after the
    /// other.
    ///
    /// Each row whose time is in this range is in one of the slices, and so is each row without a
    /// time if the range is unbounded. A slice includes the default partition if it has a gap
    /// between its partitions, or is the first or last.
    ///
    /// If no more than `partitions_max` partitions are needed, there is one slice, the same as by
    /// [`outside`](Self::outside).
    pub(in crate::store::postgres) fn slices(
        &self,
        times: &RangeInclusive<i64>,
        partitions_max: usize,
    ) -> Vec<Excluded<'_>> {
        let outside = self.outside(times);
        if self.len_but(&outside) <= partitions_max {
            return vec![outside];
        }
        let chunks: Vec<_> = self.0.chunks(partitions_max).collect();
        let ends = chunks.iter().skip(1).map(|chunk| &*chunk[0].first_id);
        let ends: Vec<_> = ends.map(Some).chain([None]).collect();
        let mut from = None;
        let mut slices = Vec::new();
        for (chunk, end) in chunks.into_iter().zip(ends) {
            let is_needed = chunk.iter().any(|zone| overlap(&zone.created, times));
            let neighbours = chunk
                .windows(2)
                .all(|pair| pair[0].end_id == pair[1].first_id);
            let reaches = |end| chunk.last().is_some_and(|zone| zone.end_id == end);
            let has_gap = from.is_none() || !neighbours || !end.is_some_and(reaches);
            if is_needed || has_gap {
                slices.push(Excluded::but(from, end));
            }
            from = end;
        }
        slices
    }

    /// Returns the number of partitions to read, without the default one.
    fn len_but(&self, excluded: &Excluded<'_>) -> usize {
        let left = self.0.iter().filter(|zone| !excluded.has(&zone.first_id));
        left.count()
    }

    /// Skips partitions without a row in this range of times. An unbounded range skips none, so
    /// that rows without a time are read.
    pub(in crate::store::postgres) fn outside(&self, times: &RangeInclusive<i64>) -> Excluded<'_> {
        self.excluding(|_, zone| overlap(&zone.created, times))
    }
}

pub(super) fn overlap(a: &RangeInclusive<i64>, b: &RangeInclusive<i64>) -> bool {
    a.start() <= b.end() && b.start() <= a.end()
}

/// Two ranges of IDs that a statement skips, as its parameters; see excluded.sql.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::store::postgres) struct Excluded<'a>([Option<&'a str>; 4]);

impl<'a> Excluded<'a> {
    /// Skips all IDs except those from `first` to before `end`.
    fn but(first: Option<&'a str>, end: Option<&'a str>) -> Self {
        // No ID is before the empty one.
        Self([first.and(Some("")), first, end, None])
    }
}

impl Excluded<'_> {
    /// Returns whether all IDs after this one are known to be skipped. Only the database knows the
    /// order of IDs that are not UUIDs.
    pub(in crate::store::postgres) fn is_before(&self, after: Option<&str>) -> bool {
        let is_uuid = |id: &&str| {
            let mut letters = id.bytes();
            id.len() == 36 && letters.all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f' | b'-'))
        };
        let end = self.0[2].filter(|_| self.0[3].is_none());
        let after = after.filter(is_uuid);
        after.zip(end).is_some_and(|(id, end)| id >= end)
    }

    fn has(&self, id: &str) -> bool {
        self.0.chunks(2).any(|bounds| {
            bounds[0].is_some_and(|first| first <= id) && bounds[1].is_none_or(|end| id < end)
        })
    }

    pub(in crate::store::postgres) fn parameters(&self) -> [Parameter<'_>; 4] {
        let [first, second, third, fourth] = &self.0;
        [
            (first, Type::TEXT),
            (second, Type::TEXT),
            (third, Type::TEXT),
            (fourth, Type::TEXT),
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(first: u32, end: u32) -> Zone {
        Zone {
            first_id: format!("{first:04}"),
            end_id: format!("{end:04}"),
            created: i64::from(first)..=i64::from(end),
            untimed: false,
        }
    }

    proptest! {
        #[test]
        fn nothing_is_left_out_but_ids_of_partitions_that_are_not_needed(
            lengths in prop::collection::vec((1..4_u32, any::<bool>(), any::<bool>()), 0..12)
        ) {
            let (mut zones, mut needed, mut next) = (Vec::new(), Vec::new(), 0);
            for (length, is_partition, is_needed) in &lengths {
                if *is_partition {
                    zones.push(zone(next, next + length));
                    needed.push(*is_needed);
                }
                next += length;
            }
            let zones = Zones::new(zones);
            let excluded = zones.excluding(|place, _| needed[place]);
            for id in 0..=next {
                let partition = zones.as_slice().iter().position(|zone| {
                    let id = format!("{id:04}");
                    zone.first_id <= id && id < zone.end_id
                });
                let may_be_left_out = partition.is_some_and(|place| !needed[place]);
                prop_assert!(!excluded.has(&format!("{id:04}")) || may_be_left_out, "{id} of {zones:?}");
            }
            // With one or two runs, they are exact.
            if zones.as_slice().len() == lengths.len() && needed.iter().filter(|needed| **needed).count() <= 1 {
                for (place, zone) in zones.as_slice().iter().enumerate() {
                    prop_assert_eq!(excluded.has(&zone.first_id), !needed[place]);
                }
            }
        }

        #[test]
        fn slices_have_each_id_once_but_for_those_of_partitions_that_are_not_needed(
            lengths in prop::collection::vec((1..4_u32, any::<bool>()), 0..12),
            first in 0..20_i64,
            last in 0..20_i64,
            partitions_max in 1..5_usize,
        ) {
            let (mut zones, mut next) = (Vec::new(), 0);
            for (length, is_partition) in &lengths {
                if *is_partition {
                    zones.push(zone(next, next + length));
                }
                next += length;
            }
            let (zones, times) = (Zones::new(zones), first..=last);
            let slices = zones.slices(&times, partitions_max);
            for slice in &slices {
                prop_assert!(zones.len_but(slice) <= partitions_max);
            }
            for id in 0..=next {
                let id = format!("{id:04}");
                let of = zones.as_slice().iter().find(|zone| zone.first_id <= id && id < zone.end_id);
                let is_needed = of.is_none_or(|zone| overlap(&zone.created, &times));
                let times_read = slices.iter().filter(|slice| !slice.has(&id)).count();
                prop_assert!(times_read == 1 || times_read == 0 && !is_needed, "{id}: {slices:?}");
            }
        }
    }
}
