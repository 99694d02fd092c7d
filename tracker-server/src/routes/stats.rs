//! Counts of activities by day or hour, for a histogram.

use std::{borrow::Cow, collections::BTreeMap};

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use serde::Serialize;
use time::{Duration, OffsetDateTime};
use tracker_core::{
    StoreError,
    timeline::{Bucket, Counting, Counts, Tally, UtcOffsets},
};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use crate::{
    activity::Labels,
    etag::tagged_json,
    parameters::{Clocks, parameters},
    permission::Project,
    problem::Problem,
    state::App,
};

const UNKNOWN_PLACE: &str = "names a place that the store does not know any more: follow the stream anew, and take the ID of its `ready`";

/// The days or hours that have activities, the earliest first.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Stats))]
pub(crate) struct StatsBody {
    /// The zone in which a day begins, where it was asked for.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "America/New_York", nullable = false)
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    /// The offset from UTC by which days begin, without a zone.
    #[cfg_attr(feature = "openapi", schema(example = "+02:00", nullable = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    utc_offset: Option<String>,
    /// The days; none where hours were asked for.
    days: Vec<Day>,
    /// The hours, where they were asked for.
    hours: Vec<Hour>,
    /// The activities without a time, or with one outside the years 0 to 9999.
    undated: Undated,
}

/// A day.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
struct Day {
    /// The date.
    #[cfg_attr(feature = "openapi", schema(example = "2026-11-24"))]
    date: String,
    /// The number of activities.
    total: u64,
    /// The number of those whose status is `failure`, `panicked` or `cancelled`.
    failures: u64,
    /// The number of each type.
    action_types: Vec<TypeCount>,
}

/// An hour.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
struct Hour {
    /// The time at which it begins, in milliseconds since the Unix epoch. A change of clocks within
    /// an hour begins another one.
    #[cfg_attr(feature = "openapi", schema(example = 1_764_028_800_000_i64))]
    start: i64,
    /// The number of activities.
    total: u64,
    /// The number of those whose status is `failure`, `panicked` or `cancelled`.
    failures: u64,
    /// The number of each type.
    action_types: Vec<TypeCount>,
}

/// The activities without a date.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
struct Undated {
    /// The number of activities.
    total: u64,
    /// The number of those whose status is `failure`, `panicked` or `cancelled`.
    failures: u64,
    /// The number of each type.
    action_types: Vec<TypeCount>,
}

/// The number of activities of a type.
#[derive(Serialize)]
#[cfg_attr(feature = "openapi", derive(ToSchema))]
struct TypeCount {
    /// The action type's name.
    action_type: Option<String>,
    /// The name of the type for people.
    action_label: Option<Cow<'static, str>>,
    count: u64,
    /// The number of those whose status is `failure`, `panicked` or `cancelled`.
    failures: u64,
    /// The number of those that came no later than `place`, where it was given.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    count_before: Option<u64>,
    /// The number of failures among these.
    #[cfg_attr(feature = "openapi", schema(nullable = false))]
    #[serde(skip_serializing_if = "Option::is_none")]
    failures_before: Option<u64>,
}

parameters!(FILTERS, COUNTING);

/// Count a project's activities by day or hour, and by action type
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/activities/stats",
    operation_id = "countActivities",
    tag = "activities",
    params(("project_id" = String, Path, description = "The project."), Parameters),
    responses(
        (status = 200, description = "The counts.", body = StatsBody),
        (status = 304, description = "They are as `If-None-Match` names them."),
        crate::problem::WrongParameter,
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn stats(
    State(app): State<App>,
    Project(reach): Project,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let values = Parameters::read(query.as_deref())?;
    let (time_zone, utc_offset, offsets) = match values.clocks()? {
        Clocks::OfZone(name, offsets) => (Some(name.to_owned()), None, offsets),
        Clocks::Same(seconds) => (None, Some(offset_text(seconds)), UtcOffsets::fixed(seconds)),
    };
    let (bucket, place) = (values.bucket()?, values.place()?);
    let filter = values.filter(&reach)?;
    let has_place = place.is_some();
    let mut counting = match bucket {
        Bucket::Day => Counting::by_day(filter, offsets),
        Bucket::Hour => Counting::by_hour(filter, offsets),
    };
    if let Some(place) = place {
        counting = counting.arrived_before(place);
    }
    let counts = app
        .store
        .counts(counting)
        .await
        .map_err(|error| match error {
            StoreError::UnknownPlace { .. } => Problem::parameter("place", UNKNOWN_PLACE),
            error => error.into(),
        })?;
    let sums = Sums {
        labels: &app.labels,
        has_place,
    };
    let (dated, undated): (Vec<_>, Vec<_>) = counts
        .into_iter()
        .partition(|counts| date_of(bucket, counts).is_some());
    let buckets = || dated.chunk_by(|one, next| one.bucket == next.bucket);
    let (days, hours) = match bucket {
        Bucket::Day => (
            buckets().filter_map(|counts| sums.day(counts)).collect(),
            Vec::new(),
        ),
        Bucket::Hour => (
            Vec::new(),
            buckets().filter_map(|counts| sums.hour(counts)).collect(),
        ),
    };
    let body = StatsBody {
        time_zone,
        utc_offset,
        days,
        hours,
        undated: sums.undated(&undated),
    };
    Ok(tagged_json(&headers, &body))
}

/// Returns the date of counts, if they have one.
fn date_of(bucket: Bucket, counts: &Counts) -> Option<String> {
    match bucket {
        Bucket::Day => date_text(counts.bucket?),
        Bucket::Hour => date_text(counts.bucket?.div_euclid(Bucket::DAY_MS)),
    }
}

/// Puts together the counts of one bucket.
struct Sums<'a> {
    labels: &'a Labels,
    has_place: bool,
}

impl Sums<'_> {
    fn day(&self, counts: &[Counts]) -> Option<Day> {
        let (Tally { count, failures }, action_types) = self.sum(counts);
        Some(Day {
            date: date_text(counts.first()?.bucket?)?,
            total: count,
            failures,
            action_types,
        })
    }

    fn hour(&self, counts: &[Counts]) -> Option<Hour> {
        let (Tally { count, failures }, action_types) = self.sum(counts);
        Some(Hour {
            start: counts.first()?.bucket?,
            total: count,
            failures,
            action_types,
        })
    }

    fn undated(&self, counts: &[Counts]) -> Undated {
        let (Tally { count, failures }, action_types) = self.sum(counts);
        Undated {
            total: count,
            failures,
            action_types,
        }
    }

    /// Returns the number of all activities, and that of each type.
    fn sum(&self, counts: &[Counts]) -> (Tally, Vec<TypeCount>) {
        let mut total = Tally::default();
        let mut types: BTreeMap<Option<&str>, (Tally, Tally)> = BTreeMap::new();
        for counts in counts {
            let (all, before) = types.entry(counts.action_type.as_deref()).or_default();
            total += counts.all;
            *all += counts.all;
            *before += counts.before;
        }
        let types = types
            .into_iter()
            .map(|(action_type, (all, before))| TypeCount {
                action_label: action_type.map(|name| self.labels.label(name)),
                action_type: action_type.map(str::to_owned),
                count: all.count,
                failures: all.failures,
                count_before: self.has_place.then_some(before.count),
                failures_before: self.has_place.then_some(before.failures),
            });
        (total, types.collect())
    }
}

/// Returns the date of the day that is `day` days after 1970-01-01.
fn date_text(day: i64) -> Option<String> {
    // An `i32` of days exceeds the calendar, and is far less than the most that a duration holds.
    let days = Duration::days(i64::from(i32::try_from(day).ok()?));
    let date = OffsetDateTime::UNIX_EPOCH.date().checked_add(days)?;
    (date.year() >= 0).then(|| date.to_string())
}

fn offset_text(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_its_date_and_one_that_no_calendar_has_is_none() {
        assert_eq!(date_text(0).as_deref(), Some("1970-01-01"));
        assert_eq!(date_text(-1).as_deref(), Some("1969-12-31"));
        assert_eq!(date_text(20_781).as_deref(), Some("2026-11-24"));
        assert_eq!(date_text(i64::MAX), None);
        assert_eq!(date_text(4_000_000), None);
    }

    #[test]
    fn an_offset_is_written_as_it_is_read() {
        assert_eq!(offset_text(0), "+00:00");
        assert_eq!(offset_text(-12_600), "-03:30");
    }
}
