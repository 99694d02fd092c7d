//! The declaration of a parameter: [`Parameter`].

#[cfg(feature = "openapi")]
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, Required, SchemaFormat,
    path::{Parameter as Documented, ParameterBuilder, ParameterIn},
    schema::{ArrayBuilder, SchemaType, Type},
};

use crate::problem::Problem;

/// The longest value, in bytes. It holds everything that a tracker records: details of 1,000
/// characters, a reference of twice 255, and a cursor with two IDs of 255 in base64, at four bytes
/// a character. The columns have no bound, so other programs can write longer values; activities
/// are not found by these.
pub(crate) const VALUE_BYTES_MAX: usize = 4_096;

/// The most values of one repeatable parameter.
pub(super) const REPEATED_MAX: usize = 50;

/// The declaration of a parameter.
#[cfg_attr(
    not(feature = "openapi"),
    allow(dead_code, reason = "some fields only describe")
)]
pub(crate) struct Parameter {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) kind: Kind,
    pub(super) is_repeatable: bool,
}

/// The values that a parameter takes.
#[cfg_attr(
    not(feature = "openapi"),
    allow(dead_code, reason = "some fields only describe")
)]
pub(super) enum Kind {
    Text,
    Number { least: u32, most: u32, default: u32 },
    Choice(&'static [&'static str]),
}

/// A parameter that takes any text, once.
pub(super) const fn text(name: &'static str, description: &'static str) -> Parameter {
    Parameter {
        name,
        description,
        kind: Kind::Text,
        is_repeatable: false,
    }
}

/// A parameter that takes any text, up to [`REPEATED_MAX`] times.
pub(super) const fn repeatable(name: &'static str, description: &'static str) -> Parameter {
    Parameter {
        is_repeatable: true,
        ..text(name, description)
    }
}

impl Kind {
    /// Refuses a value that is not of this kind. The reason goes on after the parameter's name.
    fn check(&self, value: &str) -> Result<(), String> {
        match self {
            // Postgres can't store it, and SQLite would find what other programs have written.
            Self::Text if value.contains('\0') => Err("has no NUL character".to_owned()),
            Self::Text => Ok(()),
            Self::Number { least, most, .. } => match value.parse::<u32>() {
                Ok(number) if (*least..=*most).contains(&number) => Ok(()),
                _ => Err(format!("is a whole number from {least} to {most}")),
            },
            Self::Choice(choices) if choices.contains(&value) => Ok(()),
            Self::Choice(choices) => Err(format!("is one of: {}", choices.join(", "))),
        }
    }
}

impl Parameter {
    /// Refuses a value that is too long or not of the parameter's kind.
    pub(super) fn check(&self, value: &str) -> Result<(), Problem> {
        if value.len() > VALUE_BYTES_MAX {
            return Err(self.problem(&format!("has at most {VALUE_BYTES_MAX} bytes")));
        }
        let checked = self.kind.check(value);
        checked.map_err(|wrong| self.problem(&wrong))
    }

    /// The response to a wrong value of this parameter.
    pub(super) fn problem(&self, predicate: &str) -> Problem {
        Problem::parameter(self.name, predicate)
    }

    /// The description for the `OpenAPI` document.
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
