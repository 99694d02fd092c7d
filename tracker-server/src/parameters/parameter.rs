//! The declaration of a parameter: [`Parameter`].

#[cfg(feature = "openapi")]
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, Required, SchemaFormat,
    path::{Parameter as Documented, ParameterBuilder, ParameterIn},
    schema::{ArrayBuilder, SchemaType, Type},
};

use crate::problem::Problem;

/// The longest value, in bytes. A value is compared with columns of at most 255 characters, or
/// 1,000 for the details.
pub(crate) const VALUE_BYTES_MAX: usize = 1_024;

/// The longest cursor, in bytes. It holds up to two IDs, each of at most 255 characters, in base64.
const CURSOR_BYTES_MAX: usize = 4_096;

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
    /// A place that an answer has named.
    Cursor,
    Number {
        least: u32,
        most: u32,
        default: u32,
    },
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

/// A parameter that takes the place that an answer has named, once.
pub(super) const fn cursor(name: &'static str, description: &'static str) -> Parameter {
    Parameter {
        kind: Kind::Cursor,
        ..text(name, description)
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
            Self::Text | Self::Cursor => Ok(()),
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
    /// The longest value, in bytes.
    fn bytes_max(&self) -> usize {
        match self.kind {
            Kind::Cursor => CURSOR_BYTES_MAX,
            _ => VALUE_BYTES_MAX,
        }
    }

    /// Refuses a value that is too long or not of the parameter's kind.
    pub(super) fn check(&self, value: &str) -> Result<(), Problem> {
        let bytes_max = self.bytes_max();
        if value.len() > bytes_max {
            return Err(self.problem(&format!("has at most {bytes_max} bytes")));
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
            Kind::Text | Kind::Cursor => text.max_length(Some(self.bytes_max())),
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
