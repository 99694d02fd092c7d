//! Counts of activities by day, for a histogram.

use axum::{
    extract::{RawQuery, State},
    http::HeaderMap,
    response::Response,
};
use serde::Serialize;
use time::{Duration, OffsetDateTime};
use tracker_core::timeline::{DayCount, UtcOffsets};
#[cfg(feature = "openapi")]
use utoipa::ToSchema;

use super::list::to_json;
use crate::{
    activity::Labels,
    etag::tagged,
    parameters::{Clocks, parameters},
    permission::Project,
    problem::Problem,
    state::App,
};

/// The days that have activities, the earliest first.
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
    days: Vec<Day>,
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
    action_label: Option<String>,
    count: u64,
}

parameters!(FILTERS, DAYS);

/// Count a project's activities by day and action type
///
/// Activities without a time, or with one outside the years 0 to 9999, are on no day.
#[cfg_attr(
    feature = "openapi",
    utoipa::path(
    get,
    path = "/api/projects/{project_id}/activities/stats",
    operation_id = "countActivities",
    tag = "activities",
    params(("project_id" = String, Path, description = "The project."), Parameters),
    responses(
        (status = 200, description = "The days.", body = StatsBody),
        (status = 304, description = "They are as `If-None-Match` names them."),
        crate::problem::WrongParameter,
        crate::problem::ReadProblem,
    ),
)
)]
pub(crate) async fn stats(
    State(app): State<App>,
    Project(project_id): Project,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let values = Parameters::read(query.as_deref())?;
    let (time_zone, utc_offset, offsets) = match values.clocks()? {
        Clocks::OfZone(name, offsets) => (Some(name.to_owned()), None, offsets),
        Clocks::Same(seconds) => (None, Some(offset_text(seconds)), UtcOffsets::fixed(seconds)),
    };
    let filter = values.filter(&project_id)?;
    let counts = app.store.counts_by_day(filter, offsets).await?;
    let body = StatsBody {
        time_zone,
        utc_offset,
        days: days(counts, &app.labels),
    };
    Ok(tagged(&headers, "application/json", to_json(&body)))
}

fn days(counts: Vec<DayCount>, labels: &Labels) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for DayCount {
        day,
        action_type,
        count,
    } in counts
    {
        let Some(date) = date_text(day) else {
            continue;
        };
        if days.last().is_none_or(|last| last.date != date) {
            days.push(Day {
                date,
                total: 0,
                action_types: Vec::new(),
            });
        }
        if let Some(last) = days.last_mut() {
            last.total += count;
            last.action_types.push(TypeCount {
                action_label: action_type.as_deref().map(|name| labels.label(name)),
                action_type,
                count,
            });
        }
    }
    days
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
