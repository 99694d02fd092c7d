//! The parameters of a query string: which there are, what they can be, and what they mean.
//!
//! One table serves to read them, to refuse what is wrong by its name, and to describe them in the `OpenAPI` document.

use std::{fmt::Display, str::FromStr};

use form_urlencoded::parse;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tracker_core::timeline::{Filter, OFFSET_MAX, Order, Query};
#[cfg(feature = "openapi")]
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, Required, SchemaFormat,
    path::{Parameter as Documented, ParameterBuilder, ParameterIn},
    schema::{ArrayBuilder, SchemaType, Type},
};

use crate::problem::Problem;

/// The most activities of one response.
pub(crate) const LIMIT_MAX: u32 = 200;
pub(crate) const LIMIT_DEFAULT: u32 = 50;

/// The longest value, in bytes: what it is compared with has at most 255 characters, or 1,000 in the details.
const VALUE_BYTES_MAX: usize = 1_024;

/// How much of the name of an unknown parameter is told back.
const NAME_CHARS_MAX: usize = 100;

/// The most values of one parameter that can be repeated.
const REPEATED_MAX: usize = 50;

/// A parameter.
#[cfg_attr(
    not(feature = "openapi"),
    allow(dead_code, reason = "some of it only describes")
)]
pub(crate) struct Parameter {
    name: &'static str,
    description: &'static str,
    kind: Kind,
    is_repeatable: bool,
}

/// What its values are.
#[cfg_attr(
    not(feature = "openapi"),
    allow(dead_code, reason = "some of it only describes")
)]
enum Kind {
    Text,
    Number { least: u32, most: u32, default: u32 },
    Choice(&'static [&'static str]),
}

const fn text(name: &'static str, description: &'static str) -> Parameter {
    Parameter {
        name,
        description,
        kind: Kind::Text,
        is_repeatable: false,
    }
}

const fn repeatable(name: &'static str, description: &'static str) -> Parameter {
    Parameter {
        is_repeatable: true,
        ..text(name, description)
    }
}

/// Which activities: for every route that reads several.
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

/// Which of them, and in which order.
pub(crate) const PAGE: &[Parameter] = &[
    Parameter {
        kind: Kind::Number {
            least: 1,
            most: LIMIT_MAX,
            default: LIMIT_DEFAULT,
        },
        ..text("limit", "How many activities at most.")
    },
    Parameter {
        kind: Kind::Number {
            least: 0,
            most: OFFSET_MAX,
            default: 0,
        },
        ..text(
            "offset",
            "How many to pass over. The slow way, since all of them are read, and rows that arrive shift the next page: prefer `cursor`.",
        )
    },
    text(
        "cursor",
        "The `next_cursor` of the page before, unchanged, with all other parameters as they were.",
    ),
    Parameter {
        kind: Kind::Choice(&["newest", "oldest"]),
        ..text("order", "Which end comes first: `newest` unless set.")
    },
    Parameter {
        kind: Kind::Choice(&["total"]),
        ..text(
            "include",
            "`total` counts all activities that the filters let through, which reads all of them.",
        )
    },
];

pub(crate) const DAYS: &[Parameter] = &[text(
    "utc_offset",
    "How far clocks are ahead of UTC where a day begins: `+02:00`, `-03:30` or `Z`, which is the default.",
)];

pub(crate) const EXPORT: &[Parameter] = &[Parameter {
    kind: Kind::Choice(&["jsonl", "csv"]),
    ..text("format", "`jsonl` unless set.")
}];

/// Sets a text of a filter.
type SetText = fn(Filter, &str) -> Filter;

/// Makes the type `Parameters` of a route from the tables of those that it has: it reads them, and describes them.
macro_rules! parameters {
    ($($table:ident),*) => {
        /// The parameters of this route.
        pub(crate) struct Parameters;

        impl Parameters {
            const TABLES: &[&'static [$crate::parameters::Parameter]] =
                &[$($crate::parameters::$table),*];

            /// Reads a query string.
            fn read(
                query: Option<&str>,
            ) -> Result<$crate::parameters::Values, $crate::problem::Problem> {
                $crate::parameters::Values::read(query, Self::TABLES)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::IntoParams for Parameters {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                let parameters = Self::TABLES.iter().copied().flatten();
                parameters.map($crate::parameters::Parameter::documented).collect()
            }
        }
    };
}
pub(crate) use parameters;

/// The values that a request has.
pub(crate) struct Values(Vec<(&'static Parameter, String)>);

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
        if let Some(ms) = self.meaning("created_after", ms)? {
            filter = filter.created_after(ms);
        }
        if let Some(ms) = self.meaning("created_before", ms)? {
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

    /// How far clocks are ahead of UTC, in seconds.
    pub(crate) fn utc_offset(&self) -> Result<i32, Problem> {
        Ok(self.meaning("utc_offset", utc_offset)?.unwrap_or(0))
    }
}

impl Kind {
    fn check(&self, value: &str) -> Result<(), String> {
        match self {
            Self::Text => Ok(()),
            Self::Number { least, most, .. } => match value.parse::<u32>() {
                Ok(number) if (*least..=*most).contains(&number) => Ok(()),
                _ => Err(format!("it is a whole number from {least} to {most}")),
            },
            Self::Choice(choices) if choices.contains(&value) => Ok(()),
            Self::Choice(choices) => Err(format!("it is one of: {}", choices.join(", "))),
        }
    }
}

fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// A time as milliseconds since the Unix epoch.
fn ms(text: &str) -> Result<i64, String> {
    if let Ok(ms) = text.parse() {
        return Ok(ms);
    }
    // In a query string a `+` is a space, which nobody means in a time.
    let time = OffsetDateTime::parse(&text.replace(' ', "+"), &Rfc3339);
    let time = time.map_err(|_| {
        "it is RFC 3339, as in 2026-11-24T08:01:31Z, or a number of milliseconds since the Unix epoch"
    })?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000))
        .map_err(|error| error.to_string())
}

fn utc_offset(text: &str) -> Result<i32, String> {
    let wrong = || "it is `+hh:mm`, `-hh:mm` or `Z`, from -18:00 to +18:00".to_owned();
    if text == "Z" {
        return Ok(0);
    }
    let (sign, digits) = match text.split_at_checked(1).ok_or_else(wrong)? {
        ("+" | " ", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return Err(wrong()),
    };
    let (hours, minutes) = digits.split_once(':').ok_or_else(wrong)?;
    let number = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number
            .then(|| text.parse::<i32>().ok())
            .flatten()
            .ok_or_else(wrong)
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    if minutes > 59 || hours * 60 + minutes > 18 * 60 {
        return Err(wrong());
    }
    Ok(sign * (hours * 3_600 + minutes * 60))
}

impl Parameter {
    fn problem(&self, detail: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
        Problem::parameter(self.name, detail)
    }

    /// As the `OpenAPI` document has it.
    #[cfg(feature = "openapi")]
    pub(crate) fn documented(&self) -> Documented {
        let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        let schema = match self.kind {
            Kind::Text => text.max_length(Some(VALUE_BYTES_MAX)),
            Kind::Choice(choices) => text.enum_values(Some(choices.iter().copied())),
            Kind::Number {
                least,
                most,
                default,
            } => ObjectBuilder::new()
                .schema_type(SchemaType::new(Type::Integer))
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
                .minimum(Some(least))
                .maximum(Some(most))
                .default(Some(default.into())),
        };
        let parameter = ParameterBuilder::new()
            .name(self.name)
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
            .description(Some(self.description));
        if self.is_repeatable {
            let list = ArrayBuilder::new()
                .items(schema)
                .max_items(Some(REPEATED_MAX));
            parameter.schema(Some(list)).explode(Some(true)).build()
        } else {
            parameter.schema(Some(schema)).build()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_both_forms() {
        assert_eq!(ms("-5"), Ok(-5));
        assert_eq!(ms("1970-01-01T00:00:01.5Z"), Ok(1_500));
        assert_eq!(ms("1970-01-01T02:00:00+02:00"), Ok(0));
        // As it arrives where the plus was not encoded.
        assert_eq!(ms("1970-01-01T02:00:00 02:00"), Ok(0));
        for wrong in ["", "yesterday", "2026-11-24", "9999999999999999999", "1e3"] {
            assert!(ms(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_offset_is_read_to_the_minute() {
        for (text, seconds) in [
            ("Z", 0),
            ("+02:00", 7_200),
            ("-03:30", -12_600),
            (" 18:00", 64_800),
        ] {
            assert_eq!(utc_offset(text), Ok(seconds));
        }
        for wrong in [
            "", "2", "+2:00", "+02", "+18:01", "+02:60", "+aa:00", "é02:00", "++2:00",
        ] {
            assert!(utc_offset(wrong).is_err(), "{wrong}");
        }
    }

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
