//! The values of a query string, and what they mean: [`Values`].

use std::{fmt::Display, str::FromStr};

use form_urlencoded::parse;
use tracker_core::timeline::{Filter, Order, Query, UtcOffsets};

use super::{LIMIT_DEFAULT, Parameter, REPEATED_MAX, VALUE_BYTES_MAX, times};
use crate::problem::Problem;

/// How much of the name of an unknown parameter is told back.
const NAME_CHARS_MAX: usize = 100;

/// Sets a text of a filter.
type SetText = fn(Filter, &str) -> Filter;

/// The values that a request has.
pub(crate) struct Values(Vec<(&'static Parameter, String)>);

/// The clocks that say where days begin.
pub(crate) enum Clocks<'a> {
    /// So many seconds ahead of UTC, all the year.
    Same(i32),
    /// Those of a zone, by the name that it was asked for by.
    OfZone(&'a str, UtcOffsets),
}

impl Values {
    /// Reads a query string in which these parameters can be.
    pub(crate) fn read(
        query: Option<&str>,
        known: &[&'static [Parameter]],
    ) -> Result<Self, Problem> {
        let mut values: Vec<(&'static Parameter, String)> = Vec::new();
        for (name, value) in parse(query.unwrap_or_default().as_bytes()) {
            let parameter = known
                .iter()
                .copied()
                .flatten()
                .find(|known| known.name == name);
            let Some(parameter) = parameter else {
                let names: Vec<_> = known
                    .iter()
                    .copied()
                    .flatten()
                    .map(|known| known.name)
                    .collect();
                let detail = format!(
                    "there is no such parameter here; there are {}",
                    names.join(", ")
                );
                let name: String = name.chars().take(NAME_CHARS_MAX).collect();
                return Err(Problem::parameter(name, detail));
            };
            let before = values
                .iter()
                .filter(|(other, _)| other.name == parameter.name);
            let before = before.count();
            if before > 0 && !parameter.is_repeatable {
                return Err(parameter.problem("it can be given once"));
            }
            if before >= REPEATED_MAX {
                return Err(
                    parameter.problem(format!("it can be given {REPEATED_MAX} times at most"))
                );
            }
            if value.len() > VALUE_BYTES_MAX {
                return Err(parameter.problem(format!("it has at most {VALUE_BYTES_MAX} bytes")));
            }
            parameter
                .kind
                .check(&value)
                .map_err(|detail| parameter.problem(detail))?;
            values.push((parameter, value.into_owned()));
        }
        Ok(Self(values))
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self
            .0
            .iter()
            .filter(move |(parameter, _)| parameter.name == name);
        values.map(|(_, value)| &**value)
    }

    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    fn number(&self, name: &'static str) -> Option<u32> {
        self.one(name)?.parse().ok()
    }

    /// What a text means; a wrong one is the parameter's problem.
    fn meaning<T>(
        &self,
        name: &'static str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Problem> {
        let value = self.one(name).map(read).transpose();
        value.map_err(|detail| Problem::parameter(name, detail))
    }

    /// The filter that the values make for a project.
    pub(crate) fn filter(&self, project_id: &str) -> Result<Filter, Problem> {
        let mut filter = Filter::project(project_id);
        for name in self.all("action_type") {
            filter = filter.action_type(name);
        }
        for reference in self.all("reference") {
            let (name, id) = reference.split_once(':').ok_or_else(|| {
                Problem::parameter(
                    "reference",
                    "it is `name:value`, as in `deployment_id:deploy_xyz789`",
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
        if let Some(ms) = self.meaning("created_after", times::ms)? {
            filter = filter.created_after(ms);
        }
        if let Some(ms) = self.meaning("created_before", times::ms)? {
            filter = filter.created_before(ms);
        }
        Ok(filter)
    }

    /// The query that the values make for a project.
    pub(crate) fn query(&self, project_id: &str) -> Result<Query, Problem> {
        let mut query = Query::from(self.filter(project_id)?)
            .limit(self.number("limit").unwrap_or(LIMIT_DEFAULT))
            .offset(self.number("offset").unwrap_or(0));
        if self.one("order") == Some("oldest") {
            query = query.order(Order::Oldest);
        }
        if let Some(cursor) = self.meaning("cursor", parsed)? {
            if self.number("offset").is_some_and(|offset| offset > 0) {
                let detail = "a cursor and an offset can't be given both: leave one out";
                return Err(Problem::parameter("offset", detail));
            }
            query = query.after(cursor);
        }
        Ok(query)
    }

    /// Where days begin.
    pub(crate) fn clocks(&self) -> Result<Clocks<'_>, Problem> {
        let offset = self.meaning("utc_offset", times::utc_offset)?;
        let Some(offsets) = self.meaning("time_zone", times::time_zone)? else {
            return Ok(Clocks::Same(offset.unwrap_or(0)));
        };
        if offset.is_some() {
            let detail = "a zone and an offset can't be given both: leave one out";
            return Err(Problem::parameter("utc_offset", detail));
        }
        let name = self.one("time_zone").unwrap_or_default();
        Ok(Clocks::OfZone(name, offsets))
    }
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{
        super::{FILTERS, PAGE},
        *,
    };

    #[test]
    fn what_is_wrong_is_named() {
        for (query, name) in [
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=", "limit"),
            ("limit=1&limit=2", "limit"),
            ("order=up", "order"),
            ("cursor=%FF", "cursor"),
            ("reference=deployment_id", "reference"),
            ("created_after=soon", "created_after"),
            ("unheard_of=1", "unheard_of"),
            ("cursor=MS5h&offset=1", "offset"),
        ] {
            let problem = Values::read(Some(query), &[FILTERS, PAGE])
                .and_then(|values| values.query("p").map(drop))
                .unwrap_err();
            let body = serde_json::to_value(&problem).unwrap();
            assert_eq!(body["parameter"], name, "{query}");
            assert_eq!(body["status"], 400);
        }
    }
}
