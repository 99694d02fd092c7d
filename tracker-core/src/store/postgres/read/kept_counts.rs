//! The counts that triggers keep of a project, by action type and quarter of an hour:
//! [`KeptCounts`].
//!
//! A quarter of an hour is in one bucket in nearly every time zone. Where it is not, or where its
//! activities came both before and after a place, its activities have to be read.

use std::{collections::BTreeMap, ops::RangeInclusive};

use tokio_postgres::{Error, Row, types::Type};

use super::Reading;
use crate::{
    store::postgres::{
        engine::Feature, filter::Parameter, foreign_text::AnyText, identifier::quote_identifier,
    },
    timeline::{Counting, Filter, Place, Tallies, Tally},
};

const QUARTER_MS: i64 = 900_000;
const QUARTERS_A_DAY: i64 = 96;

/// The classes of errors by which a server refuses the statement that reads the counts, as one
/// without them does.
const REFUSALS: [&str; 4] = ["0A", "22", "42", "XX"];

/// The kept counts of a project.
pub(super) struct KeptCounts {
    parts: Vec<Part>,
    times: Times,
}

/// Counts of one action type that arrived together.
struct Part {
    action_type: Option<String>,
    arrived: Arrived,
    quarters: Vec<Quarter>,
}

/// The arrival of counted activities in the order of transactions.
#[derive(Clone, Copy)]
enum Arrived {
    Before(u64),
    At(u64),
}

/// A quarter of an hour with its numbers, which are negative for activities that are gone.
struct Quarter {
    /// The first and the last of its times; `None` for activities without one.
    times: Option<(i64, i64)>,
    count: i64,
    failures: i64,
}

/// The times that a filter allows, in whole quarters; `None` for all, and for none at all.
struct Times(Option<RangeInclusive<i64>>);

/// All activities and those before a place, each with their failures.
#[derive(Clone, Copy, Default)]
struct Sums {
    all: [i64; 2],
    before: [i64; 2],
}

/// Kept counts by bucket, and the times of which activities have to be read instead.
pub(super) struct Divided {
    pub(super) tallies: Tallies,
    pub(super) unread: Option<RangeInclusive<i64>>,
}

impl Reading<'_> {
    /// Reads the kept counts of what the filter allows; returns `None` if none are in use, or if
    /// the filter asks for more than a project and whole quarters of hours.
    pub(super) async fn kept_counts(&self, filter: &Filter) -> Result<Option<KeptCounts>, Error> {
        let Some((project_id, times)) = countable(filter) else {
            return Ok(None);
        };
        if self.engine.lacks(Feature::KeptCounts) {
            return Ok(None);
        }
        let table = format!("{}.project_actions", quote_identifier(self.schema));
        let parameters: [Parameter<'_>; 2] = [(&project_id, Type::TEXT), (&table, Type::TEXT)];
        let rows = match self.rows_of_counts(&parameters).await {
            Err(error) if is_refusal(&error) => {
                self.engine
                    .found_lacking(Feature::KeptCounts, &error.to_string());
                return Ok(None);
            }
            rows => rows?,
        };
        let Some((_in_use, rows)) = rows.split_first() else {
            return Ok(None);
        };
        let parts = rows.iter().map(Part::read).collect::<Result<_, _>>()?;
        Ok(Some(KeptCounts { parts, times }))
    }

    async fn rows_of_counts(&self, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Error> {
        let statement = &self.statements.kept_counts;
        match self.rows_by_kept_plan(statement, parameters).await? {
            Some(rows) => Ok(rows),
            None => self.rows(statement, parameters).await,
        }
    }
}

/// Returns the project and the times of a filter that asks for nothing else.
fn countable(filter: &Filter) -> Option<(&str, Times)> {
    let parts = filter.parts();
    let is_whole = |time: i64| time % QUARTER_MS == 0;
    let others = [
        parts.user_id,
        parts.request_id,
        parts.status,
        parts.environment,
        parts.text,
    ];
    let has_references = parts
        .references
        .as_object()
        .is_some_and(|it| !it.is_empty());
    let is_plain = !parts.is_impossible
        && !parts.has_nul()
        && parts.action_types.is_empty()
        && !has_references
        && others.iter().all(Option::is_none)
        && parts.created_after.is_none_or(is_whole)
        && parts.created_before.is_none_or(is_whole);
    let project_id = parts.project_id.filter(|_| is_plain)?;
    let times = match (parts.created_after, parts.created_before) {
        (None, None) => None,
        (after, before) => {
            let last = before.map_or(i64::MAX, |before| before.saturating_sub(1));
            Some(after.unwrap_or(i64::MIN)..=last)
        }
    };
    Some((project_id, Times(times)))
}

fn is_refusal(error: &Error) -> bool {
    let code = error.code().map_or("", |code| code.code());
    REFUSALS.iter().any(|class| code.starts_with(class))
}

impl KeptCounts {
    /// Returns the number of activities.
    pub(super) fn sum(&self) -> u64 {
        let quarters = self.parts.iter().flat_map(|part| &part.quarters);
        let counted = quarters.filter(|quarter| self.times.have(quarter));
        unsigned(counted.map(|quarter| quarter.count).sum())
    }

    /// Divides the counts among the buckets.
    pub(super) fn divide(&self, counting: &Counting) -> Divided {
        let unread = self.unread(counting);
        let is_unread = |quarter: &Quarter| {
            let times = quarter.times.zip(unread.as_ref());
            times.is_some_and(|((first, _), unread)| unread.contains(&first))
        };
        let mut sums: BTreeMap<Option<&str>, BTreeMap<Option<i64>, Sums>> = BTreeMap::new();
        for part in &self.parts {
            let of_type = sums.entry(part.action_type.as_deref()).or_default();
            for quarter in &part.quarters {
                if !self.times.have(quarter) || is_unread(quarter) {
                    continue;
                }
                let bucket = quarter.times.map(|(first, _)| counting.bucket_of(first));
                let is_before = part.is_before(quarter, counting.place.as_ref());
                let sums = of_type.entry(bucket).or_default();
                sums.add(quarter, is_before == Some(true));
            }
        }
        let mut tallies = Tallies::new();
        for (action_type, buckets) in sums {
            for (bucket, sums) in buckets {
                let tally = sums.tallies();
                if tally.0.count > 0 {
                    tallies.insert((bucket, action_type.map(str::to_owned)), tally);
                }
            }
        }
        Divided { tallies, unread }
    }

    /// Returns the times from the first quarter to the last that is in several buckets, or of which
    /// nothing tells how many activities came before the place.
    fn unread(&self, counting: &Counting) -> Option<RangeInclusive<i64>> {
        let mut unread: Option<(i64, i64)> = None;
        for part in &self.parts {
            for quarter in &part.quarters {
                let Some((first, last)) = quarter.times else {
                    continue;
                };
                if !self.times.have(quarter)
                    || counting.has_in_one_bucket(first, last)
                        && part.is_before(quarter, counting.place.as_ref()).is_some()
                {
                    continue;
                }
                let (from, to) = unread.get_or_insert((first, last));
                (*from, *to) = (first.min(*from), last.max(*to));
            }
        }
        unread.map(|(first, last)| first..=last)
    }
}

impl Part {
    fn read(row: &Row) -> Result<Self, Error> {
        let action_type = row.try_get::<_, Option<AnyText<'_>>>(0)?;
        let day: i64 = row.try_get(1)?;
        let quarters: Vec<i16> = row.try_get(2)?;
        let (counts, failures): (Vec<i64>, Vec<i64>) = (row.try_get(3)?, row.try_get(4)?);
        let arrived_before: Option<i64> = row.try_get(5)?;
        let arrived: Option<i64> = row.try_get(6)?;
        let numbers = counts.into_iter().zip(failures);
        let quarters = quarters.into_iter().zip(numbers);
        Ok(Self {
            action_type: action_type.map(|text| text.0.into_owned()),
            arrived: match arrived {
                Some(transaction) => Arrived::At(unsigned(transaction)),
                None => Arrived::Before(unsigned(arrived_before.unwrap_or(i64::MAX))),
            },
            quarters: quarters
                .map(|(quarter, (count, failures))| Quarter {
                    times: times(day, quarter),
                    count,
                    failures,
                })
                .collect(),
        })
    }

    /// Returns whether the activities came no later than a place; `None` if some may have come
    /// before and others after it. A place is after all activities without a time.
    ///
    /// An activity that is gone after the place may have come on either side of it.
    fn is_before(&self, quarter: &Quarter, place: Option<&Place>) -> Option<bool> {
        let Some(place) = place.filter(|_| quarter.times.is_some()) else {
            return Some(true);
        };
        match self.arrived {
            Arrived::Before(transaction) => (transaction <= place.transaction).then_some(true),
            Arrived::At(transaction) if transaction < place.transaction => Some(true),
            Arrived::At(_) if quarter.count < 0 => None,
            Arrived::At(transaction) => {
                let is_divided = transaction == place.transaction && place.row.is_some();
                (!is_divided).then_some(false)
            }
        }
    }
}

/// Returns the first and the last time of a quarter of a day.
fn times(day: i64, quarter: i16) -> Option<(i64, i64)> {
    let quarter = day.checked_mul(QUARTERS_A_DAY)? + i64::from(quarter);
    let first = quarter.saturating_mul(QUARTER_MS);
    let last = quarter.saturating_add(1).saturating_mul(QUARTER_MS);
    Some((first, if last == i64::MAX { last } else { last - 1 }))
}

impl Times {
    fn have(&self, quarter: &Quarter) -> bool {
        match (&self.0, quarter.times) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(times), Some((first, last))) => times.contains(&first) && times.contains(&last),
        }
    }
}

impl Sums {
    fn add(&mut self, quarter: &Quarter, is_before: bool) {
        self.all[0] += quarter.count;
        self.all[1] += quarter.failures;
        if is_before {
            self.before[0] += quarter.count;
            self.before[1] += quarter.failures;
        }
    }

    fn tallies(self) -> (Tally, Tally) {
        let tally = |[count, failures]: [i64; 2]| Tally {
            count: unsigned(count),
            failures: unsigned(failures),
        };
        (tally(self.all), tally(self.before))
    }
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
