//! The filters: which activities a request asks for.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracker_core::timeline::Filter;

use super::{
    parameter::{Parameter, repeatable, text},
    values::Values,
};
use crate::{problem::Problem, reach::Reach};

/// Adds a text to a filter.
type SetText = fn(Filter, &str) -> Filter;

/// The filters, taken by every route that reads several activities.
pub(crate) const FILTERS: &[Parameter] = &[
    repeatable(
        "action_type",
        "Of this action type, or another that is named as well.",
    ),
    text("user_id", "Of this user."),
    text("request_id", "In this request."),
    text("status", "With this status."),
    text("environment", "In this environment."),
    repeatable(
        "reference",
        "With this reference ID, as `name:value`, for instance `deployment_id:deploy_xyz789`, and with every other that is named.",
    ),
    text(
        "created_after",
        "At this time or later: RFC 3339, or milliseconds since the Unix epoch.",
    ),
    text(
        "created_before",
        "Before this time: RFC 3339, or milliseconds since the Unix epoch.",
    ),
    text("q", "With this text in the details; A to Z equal a to z."),
];

impl Values {
    /// Returns the filter that the values make for a project, as far as the request may read it.
    pub(crate) fn filter(&self, reach: &Reach) -> Result<Filter, Problem> {
        reach.within(self.filter_of(reach.project_id())?)
    }

    /// Returns the filter that the values make for a project.
    pub(crate) fn filter_of(&self, project_id: &str) -> Result<Filter, Problem> {
        let mut filter = Filter::project(project_id);
        for name in self.all("action_type") {
            filter = filter.action_type(name);
        }
        for reference in self.all("reference") {
            let (name, id) = reference.split_once(':').ok_or_else(|| {
                Problem::parameter(
                    "reference",
                    "is `name:value`, as in `deployment_id:deploy_xyz789`",
                )
            })?;
            filter = filter.reference(name, id);
        }
        let texts: [(&str, SetText); 5] = [
            ("user_id", |filter, value| filter.user_id(value)),
            ("request_id", |filter, value| filter.request_id(value)),
            ("status", |filter, value| filter.status(value)),
            ("environment", |filter, value| filter.environment(value)),
            ("q", |filter, value| filter.text(value)),
        ];
        for (name, set) in texts {
            if let Some(value) = self.one(name) {
                filter = set(filter, value);
            }
        }
        if let Some(ms) = self.parsed("created_after", ms)? {
            filter = filter.created_after(ms);
        }
        if let Some(ms) = self.parsed("created_before", ms)? {
            filter = filter.created_before(ms);
        }
        Ok(filter)
    }
}

/// Parses a time into milliseconds since the Unix epoch.
pub(super) fn ms(text: &str) -> Result<i64, String> {
    if let Ok(ms) = text.parse() {
        return Ok(ms);
    }
    // In a query string a `+` is a space, which nobody means in a time.
    let time = OffsetDateTime::parse(&text.replace(' ', "+"), &Rfc3339);
    let time = time.map_err(|_| {
        "is RFC 3339, as in 2026-11-24T08:01:31Z, or a number of milliseconds since the Unix epoch"
    })?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000))
        .map_err(|error| format!("is out of range: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_both_forms() {
        assert_eq!(ms("-5"), Ok(-5));
        assert_eq!(ms("1970-01-01T00:00:01.5Z"), Ok(1_500));
        assert_eq!(ms("1970-01-01T02:00:00+02:00"), Ok(0));
        // The plus arrives as a space where the client has not encoded it.
        assert_eq!(ms("1970-01-01T02:00:00 02:00"), Ok(0));
        for wrong in ["", "yesterday", "2026-11-24", "9999999999999999999", "1e3"] {
            assert!(ms(wrong).is_err(), "{wrong}");
        }
    }
}
