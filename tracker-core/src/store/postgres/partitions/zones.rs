//! Which times the rows of each partition can have: [`Zones`], and which partitions need not be looked at for some: [`Excluded`].

use std::ops::RangeInclusive;

use tokio_postgres::{Error, Row, types::Type};

use super::super::filter::Parameter;

/// A partition, but for the default one, as its map describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store::postgres) struct Zone {
    /// The bounds of its IDs; the second one is outside.
    pub(super) first_id: String,
    pub(super) end_id: String,
    /// Times that its rows can have; those of its period, and a day on either side, unless others were written.
    pub(super) created: RangeInclusive<i64>,
    /// Whether there can be rows without a time.
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

/// The partitions, in the order of their IDs. Whatever ID is in none of them lies in the default partition.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::store::postgres) struct Zones(Vec<Zone>);

impl Zones {
    /// Of the map, in which a partition has another row each time that its zone was widened.
    pub(super) fn new(mut map: Vec<Zone>) -> Self {
        // As texts: that the database sorts these IDs so was looked at when the table was partitioned.
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

    /// Leaves out partitions that are not needed: two runs of neighbours, the longest there are. So some that are not needed may be looked at
    /// all the same; the default partition is.
    pub(super) fn excluding(&self, is_needed: impl Fn(usize, &Zone) -> bool) -> Excluded<'_> {
        let mut runs: Vec<&[Zone]> = Vec::new();
        let mut from = None;
        for (place, zone) in self.0.iter().enumerate() {
            let is_next = place > 0 && self.0[place - 1].end_id == zone.first_id;
            // Between two that are no neighbours are IDs of the default partition.
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

    /// Leaves out those in which no row has a time in this range. Rows without a time are in none.
    pub(in crate::store::postgres) fn outside(&self, times: &RangeInclusive<i64>) -> Excluded<'_> {
        self.excluding(|_, zone| overlap(&zone.created, times))
    }
}

pub(super) fn overlap(a: &RangeInclusive<i64>, b: &RangeInclusive<i64>) -> bool {
    a.start() <= b.end() && b.start() <= a.end()
}

/// Two ranges of IDs that a statement passes over, as its parameters: see excluded.sql.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::store::postgres) struct Excluded<'a>([Option<&'a str>; 4]);

impl Excluded<'_> {
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

    impl Excluded<'_> {
        fn has(&self, id: u32) -> bool {
            let id = format!("{id:04}");
            self.0.chunks(2).any(|bounds| {
                bounds[0].is_some_and(|first| *first <= *id)
                    && bounds[1].is_some_and(|end| *id < *end)
            })
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
                prop_assert!(!excluded.has(id) || may_be_left_out, "{id} of {zones:?}");
            }
            // With one or two runs, they are exact.
            if zones.as_slice().len() == lengths.len() && needed.iter().filter(|needed| **needed).count() <= 1 {
                for (place, zone) in zones.as_slice().iter().enumerate() {
                    prop_assert_eq!(excluded.has(zone.first_id.parse().unwrap()), !needed[place]);
                }
            }
        }
    }
}
