//! Counting over time, of which the parts of many partitions are put together.

use tokio_postgres::{Error, types::Type};

use super::{Reading, arrivals::place_values, count};
use crate::{
    store::postgres::{
        filter::{FilterValues, Parameter, times},
        foreign_text::AnyText,
    },
    timeline::{Bucket, Counting, Counts, Tallies, Tally},
};

impl Reading<'_> {
    pub(in crate::store::postgres) async fn counts(
        &self,
        counting: &Counting,
    ) -> Result<Vec<Counts>, Error> {
        let Some(values) = FilterValues::new(&counting.filter) else {
            return Ok(Vec::new());
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
        let mut statement = &self.statements.counts;
        if let Some((transaction, time, id)) = &place {
            let of_place: [Parameter<'_>; 3] = [
                (transaction, Type::INT8),
                (time, Type::INT8),
                (id, Type::TEXT),
            ];
            parameters.extend(of_place);
            statement = &self.statements.counts_before;
        }
        let times = times(&counting.filter);
        let rows = self.rows_in_slices(statement, &parameters, &times).await?;
        // The map merges the slices, in the order of buckets and action types.
        let mut tallies = Tallies::new();
        for row in &rows {
            let action_type = row.try_get::<_, Option<AnyText>>(1)?.map(|text| text.0);
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
        Ok(Counts::of(tallies))
    }
}
