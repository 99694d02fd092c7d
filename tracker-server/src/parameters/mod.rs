//! The parameters of a query string: which there are, what they can be, and what they mean.
//!
//! One table serves to read them, to refuse what is wrong by its name, and to describe them in the `OpenAPI` document.

mod times;
mod values;

use tracker_core::timeline::OFFSET_MAX;
#[cfg(feature = "openapi")]
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, Required, SchemaFormat,
    path::{Parameter as Documented, ParameterBuilder, ParameterIn},
    schema::{ArrayBuilder, SchemaType, Type},
};

pub(crate) use self::values::{Clocks, Values};
use crate::problem::Problem;

/// The most activities of one response.
pub(crate) const LIMIT_MAX: u32 = 200;
pub(crate) const LIMIT_DEFAULT: u32 = 50;

/// The longest value, in bytes: what it is compared with has at most 255 characters, or 1,000 in the details.
const VALUE_BYTES_MAX: usize = 1_024;

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

/// Where days begin.
pub(crate) const DAYS: &[Parameter] = &[
    text(
        "time_zone",
        "The zone in which a day begins, by its IANA name: `America/New_York`. Days on which its clocks are changed have 23 or 25 hours. \
         Changes are known until the year 2100.",
    ),
    text(
        "utc_offset",
        "Instead of a zone, how far clocks are ahead of UTC all the year: `+02:00`, `-03:30` or `Z`, which is the default.",
    ),
];

/// Where a stream goes on.
pub(crate) const STREAM: &[Parameter] = &[text(
    "lastEventId",
    "The same as the header `Last-Event-ID`, which counts where both are there, for clients that can't set one.",
)];

pub(crate) const EXPORT: &[Parameter] = &[
    Parameter {
        kind: Kind::Choice(&["jsonl", "csv"]),
        ..text("format", "`jsonl` unless set.")
    },
    Parameter {
        kind: Kind::Choice(&["guarded", "raw"]),
        ..text(
            "formulas",
            "In CSV, a text that a spreadsheet would take for a formula begins with an apostrophe, or is as it is: `guarded` unless set.",
        )
    },
];

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
