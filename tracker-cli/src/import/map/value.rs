//! One value of an activity, made of a row: [`Value`].

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor, value::MapAccessDeserializer},
};
use tracker_core::limits::ID_CHARS_MAX;

use super::{
    error::{RowError, shown},
    place::Row,
    template::Template,
};

/// A template; or one whose texts a table translates.
#[derive(Debug)]
pub(super) struct Value {
    from: Template,
    /// The text for each text of `from`; all are taken as they are if it is empty.
    values: BTreeMap<String, String>,
    /// The text of what has none in `values`, and of a row that has nothing for `from`.
    otherwise: Option<Template>,
}

impl Value {
    pub(super) fn constant(text: &str) -> Self {
        Template::constant(text).into()
    }

    pub(super) fn templates(&self) -> impl Iterator<Item = &Template> {
        [&self.from].into_iter().chain(&self.otherwise)
    }

    /// Returns the first column that the value is made of, for messages.
    pub(super) fn column(&self) -> &str {
        let mut templates = self.templates();
        templates.find_map(Template::column).unwrap_or("(none)")
    }

    /// Returns the text for a row, for the column `target` of the activity.
    pub(super) fn get(
        &self,
        target: &'static str,
        row: &Row<'_>,
    ) -> Result<Option<String>, RowError> {
        let from = self.from.fill(row)?;
        let found = match &from {
            Some(from) if !self.values.is_empty() => self.values.get(from).cloned(),
            _ => from.clone(),
        };
        match (found, &self.otherwise, from) {
            (Some(found), ..) => Ok(Some(found).filter(|text| !text.is_empty())),
            (None, Some(otherwise), _) => otherwise.fill(row),
            (None, None, None) => Ok(None),
            (None, None, Some(value)) => Err(RowError::Unlisted {
                column: self.column().to_owned(),
                value: shown(&value),
                target,
            }),
        }
    }

    /// Returns the text, which is an ID or another name. One that is too long is refused: a part of
    /// it would name something else.
    pub(super) fn id(
        &self,
        target: &'static str,
        row: &Row<'_>,
    ) -> Result<Option<String>, RowError> {
        let text = self.get(target, row)?;
        match text.as_deref().map(|text| text.chars().count()) {
            Some(chars) if chars > ID_CHARS_MAX => Err(RowError::Long {
                column: self.column().to_owned(),
                target,
                chars,
            }),
            _ => Ok(text),
        }
    }
}

impl From<Template> for Value {
    fn from(from: Template) -> Self {
        Self {
            from,
            values: BTreeMap::new(),
            otherwise: None,
        }
    }
}

/// A value that is not a template alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Translated {
    from: Template,
    #[serde(default)]
    values: BTreeMap<String, String>,
    otherwise: Option<Template>,
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Value;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a template, or a table with `from`, `values` and `otherwise`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
                let template = Template::try_from(text.to_owned()).map_err(E::custom)?;
                Ok(template.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
                let translated = Translated::deserialize(MapAccessDeserializer::new(map))?;
                let Translated {
                    from,
                    values,
                    otherwise,
                } = translated;
                if from.column().is_none() {
                    return Err(A::Error::custom("`from` names no column, as `{name}` does"));
                }
                Ok(Value {
                    from,
                    values,
                    otherwise,
                })
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(toml: &str) -> Result<Value, String> {
        #[derive(Deserialize)]
        struct File {
            value: Value,
        }
        let file: Result<File, _> = toml::from_str(&format!("value = {toml}"));
        file.map(|file| file.value)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_table_translates_what_it_lists_and_otherwise_the_rest() {
        let strict = r#"{ from = "{event}", values = { create = "record_created", touch = "" } }"#;
        let lenient = r#"{ from = "{event}", values = { create = "record_created" }, otherwise = "record_{event}" }"#;
        let plain = r#"{ from = "{event}", otherwise = "unknown" }"#;
        for (toml, row, text) in [
            (strict, r#"{"event":"create"}"#, Some("record_created")),
            (strict, r#"{"event":"touch"}"#, None),
            (strict, r#"{"event":null}"#, None),
            (lenient, r#"{"event":"update"}"#, Some("record_update")),
            (lenient, "{}", None),
            (plain, r#"{"event":"update"}"#, Some("update")),
            (plain, "{}", Some("unknown")),
            ("\"{event}\"", r#"{"event":"update"}"#, Some("update")),
        ] {
            let row = serde_json::from_str(row).unwrap();
            let found = value(toml).unwrap().get("action_type", &row).unwrap();
            assert_eq!(found.as_deref(), text, "{toml}");
        }
        let row = serde_json::from_str(r#"{"event":"update"}"#).unwrap();
        let error = value(strict).unwrap().get("action_type", &row).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column `event`: `update` is not in the `values` of action_type: add it there, or say by `otherwise` what becomes of any other"
        );
    }

    #[test]
    fn a_value_that_can_not_be_meant_is_refused() {
        for (toml, says) in [
            ("7", "a template, or a table"),
            ("\"{event\"", "a brace that is alone"),
            (
                r#"{ from = "{event}", value = {} }"#,
                "unknown field `value`",
            ),
            ("{ values = {} }", "missing field `from`"),
            (
                r#"{ from = "event", values = { a = "b" } }"#,
                "names no column",
            ),
        ] {
            let error = value(toml).unwrap_err();
            assert!(error.contains(says), "{toml}: {error}");
        }
    }
}
