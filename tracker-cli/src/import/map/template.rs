//! A text with values of a row in it: [`Template`].

use serde::Deserialize;
use thiserror::Error;

use super::{
    error::RowError,
    place::{NoPlace, Place, Row},
};

/// A text such as `{item_type} {item_id}`. In braces are places; a doubled brace is a brace.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Template(Vec<Part>);

#[derive(Debug)]
enum Part {
    Text(String),
    Place(Place),
}

/// The reason why a text is no template.
#[derive(Debug, Error)]
pub(super) enum InvalidTemplate {
    #[error(
        "`{0}` has a brace that is alone: a column is `{{name}}`, and a brace of the text is doubled"
    )]
    Brace(String),
    #[error(transparent)]
    Place(#[from] NoPlace),
}

impl Template {
    pub(super) fn constant(text: &str) -> Self {
        Self(vec![Part::Text(text.to_owned())])
    }

    /// Returns the columns that the template names.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Place(place) => Some(&*place.column),
        })
    }

    /// Returns the first column that the template names, for messages.
    pub(super) fn column(&self) -> Option<&str> {
        self.columns().next()
    }

    /// Returns the text with the values of a row. One without a value has an empty text in its
    /// place; if it is so with all of them, there is no text.
    pub(super) fn fill(&self, row: &Row<'_>) -> Result<Option<String>, RowError> {
        let mut text = String::new();
        let mut is_without_places = true;
        let mut has_value = false;
        for part in &self.0 {
            match part {
                Part::Text(part) => text += part,
                Part::Place(place) => {
                    is_without_places = false;
                    if let Some(value) = place.get(row)? {
                        has_value = true;
                        text += &value;
                    }
                }
            }
        }
        let is_text = (has_value || is_without_places) && !text.is_empty();
        Ok(is_text.then_some(text))
    }

    /// Returns the text, which the column `target` of an activity needs.
    pub(super) fn required(&self, target: &'static str, row: &Row<'_>) -> Result<String, RowError> {
        let missing = || RowError::missing(target, self.column().unwrap_or_default());
        self.fill(row)?.ok_or_else(missing)
    }
}

impl TryFrom<String> for Template {
    type Error = InvalidTemplate;

    fn try_from(template: String) -> Result<Self, InvalidTemplate> {
        let alone = || InvalidTemplate::Brace(template.clone());
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = &*template;
        while let Some(at) = rest.find(['{', '}']) {
            text += &rest[..at];
            let brace = &rest[at..=at];
            let behind = &rest[at + 1..];
            if let Some(behind) = behind.strip_prefix(brace) {
                text += brace;
                rest = behind;
                continue;
            }
            if brace == "}" {
                return Err(alone());
            }
            let (place, behind) = behind.split_once('}').ok_or_else(alone)?;
            if place.contains('{') {
                return Err(alone());
            }
            parts.push(Part::Text(std::mem::take(&mut text)));
            parts.push(Part::Place(Place::parse(place)?));
            rest = behind;
        }
        parts.push(Part::Text(text + rest));
        Ok(Self(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, row: &str) -> Result<Option<String>, String> {
        let template = Template::try_from(template.to_owned());
        let template = template.map_err(|error| error.to_string())?;
        let text = template.fill(&serde_json::from_str(row).unwrap());
        text.map_err(|error| error.to_string())
    }

    #[test]
    fn the_values_of_a_row_stand_in_the_places_of_their_columns() {
        let row = r#"{"type":"Order","id":7,"none":null}"#;
        for (template, text) in [
            ("", None),
            ("success", Some("success")),
            ("{type} {id}", Some("Order 7")),
            ("{{{type}}} }}{{", Some("{Order} }{")),
            ("{none}", None),
            ("{none}:{missing}", None),
            ("{type}:{none}!", Some("Order:!")),
        ] {
            assert_eq!(
                filled(template, row),
                Ok(text.map(str::to_owned)),
                "{template}"
            );
        }
    }

    #[test]
    fn a_brace_that_is_alone_is_an_error() {
        for template in ["{", "}", "{a", "a}", "{a{b}", "{a} }"] {
            let error = filled(template, "{}").unwrap_err();
            assert!(
                error.contains("a brace that is alone"),
                "{template}: {error}"
            );
        }
        assert!(filled("{}", "{}").unwrap_err().contains("names no column"));
    }
}
