//! Counting over time: by the kept counts, or by rows, of which the parts of many partitions are
//! put together.

use tokio_postgres::{Error, types::Type};

use super::{Reading, arrivals::place_values, count};
use crate::{
    store::postgres::{
        filter::{FilterValues, Parameter, times},
        foreign_text::AnyText,
    },
    timeline::{Bucket, Counting, Counts, Filter, Tallies, Tally},
};

impl Reading<'_> {
    /// Counts by the kept counts, and by the rows of those times that these can't tell. Returns
    /// `None` if all rows have to be counted.
    pub(in crate::store::postgres) async fn counts_kept(
        &self,
        counting: &Counting,
    ) -> Result<Option<Vec<Counts>>, Error> {
        let Some(kept) = self.kept_counts(&counting.filter).await? else {
            return Ok(None);
        };
        let divided = kept.divide(counting);
        let mut tallies = divided.tallies;
        if let Some(times) = divided.unread {
            let Some(end) = times.end().checked_add(1) else {
                return Ok(None);
            };
            let filter = counting.filter.clone();
            let unread = Counting {
                filter: filter.created_after(*times.start()).created_before(end),
                ..counting.clone()
            };
            for (key, (all, before)) in self.tallies(&unread).await? {
                let tally = tallies.entry(key).or_default();
                tally.0 += all;
                tally.1 += before;
            }
        }
        Ok(Some(Counts::of(tallies)))
    }

    /// Returns the number of activities by the kept counts; `None` if all rows have to be counted.
    pub(in crate::store::postgres) async fn count_kept(
        &self,
        filter: &Filter,
    ) -> Result<Option<u64>, Error> {
        let kept = self.kept_counts(filter).await?;
        Ok(kept.map(|kept| kept.sum()))
    }

    /// Counts the rows one by one.
    pub(in crate::store::postgres) async fn counts(
        &self,
        counting: &Counting,
    ) -> Result<Vec<Counts>, Error> {
        Ok(Counts::of(self.tallies(counting).await?))
    }

    async fn tallies(&self, counting: &Counting) -> Result<Tallies, Error> {
        let Some(values) = FilterValues::new(&counting.filter) else {
            return Ok(Tallies::new());
        };
        let transitions: Vec<_> = counting.utc_offsets.transition_times().collect();
        let ahead: Vec<_> = counting.utc_offsets.offsets_ms().collect();
        let by_hour = counting.bucket == Bucket::Hour;
        let place = counting.place.as_ref().map(place_values);
        let counts_max = i64::from(Counts::MAX);
        let mut parameters = values.parameters();
        let own: [Parameter<'_>; 4] = [
            (&transitions, Type::INT8_ARRAY),
            (&ahead, Type::INT8_ARRAY),
            (&by_hour, Type::BOOL),
            (&counts_max, Type::INT8),
        ];
        parameters.extend(own);
        let statements = self.statements_of(&counting.filter);
        let mut statement = &statements.counts;
        if let Some((transaction, time, id)) = &place {
            let of_place: [Parameter<'_>; 3] = [
                (transaction, Type::INT8),
                (time, Type::INT8),
                (id, Type::TEXT),
            ];
            parameters.extend(of_place);
            statement = &statements.counts_before;
        }
        let times = times(&counting.filter);
        let rows = self.rows_in_slices(statement, &parameters, &times).await?;
        // The map merges the slices, in the order of buckets and action types.
        let mut tallies = Tallies::new();
        for row in &rows {
            let action_type = row.try_get::<_, Option<AnyText<'_>>>(1)?;
            let action_type = action_type.map(|text| text.0.into_owned());
            let counted = count(Some(row), 4)?;
            let tally = Tally {
                count: counted,
                failures: if row.try_get(2)? { counted } else { 0 },
            };
            let (all, before) = tallies.entry((row.try_get(0)?, action_type)).or_default();
            *all += tally;
            if row.try_get(3)? {
                *before += tally;
            }
        }
        Ok(tallies)
    }
}
