//! One value of a row: [`Place`].

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::{from_str, value::RawValue};
use thiserror::Error;

use super::error::RowError;

/// The columns of a row, each with its JSON.
pub(in crate::import) type Row<'r> = BTreeMap<String, &'r RawValue>;

/// A column, or a value inside of it: a JSON pointer (RFC 6901) without the first slash, such as
/// `properties/attributes/name`.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) column: String,
    /// The names and indexes on the way from the column to the value.
    tokens: Vec<String>,
}

/// The reason why a text is no place.
#[derive(Debug, Error)]
#[error("`{{{0}}}` names no column")]
pub(super) struct NoPlace(String);

impl Place {
    pub(super) fn parse(text: &str) -> Result<Self, NoPlace> {
        let unescaped = |token: &str| token.replace("~1", "/").replace("~0", "~");
        let mut tokens = text.split('/').map(unescaped);
        let column = tokens.next().unwrap_or_default();
        if column.trim().is_empty() {
            return Err(NoPlace(text.to_owned()));
        }
        let tokens = tokens.collect();
        Ok(Self { column, tokens })
    }

    /// Returns the text of the value. A missing, an empty and a null value are all `None`.
    pub(super) fn get(&self, row: &Row<'_>) -> Result<Option<String>, RowError> {
        let Some(json) = row.get(&self.column) else {
            return Ok(None);
        };
        let text = descend(json.get(), &self.tokens).map_err(|source| RowError::NoJson {
            column: self.column.clone(),
            source,
        })?;
        Ok(text.filter(|text| !text.is_empty()))
    }
}

fn descend(json: &str, tokens: &[String]) -> serde_json::Result<Option<String>> {
    let json = json.trim_ascii();
    let Some((token, rest)) = tokens.split_first() else {
        return text(json);
    };
    let inner = match json.bytes().next() {
        None => None,
        Some(b'"') => {
            // A column of CSV has its JSON as a text.
            let inner: String = from_str(json)?;
            return descend(&inner, tokens);
        }
        Some(b'{') => {
            let mut members: BTreeMap<String, &RawValue> = from_str(json)?;
            members.remove(token)
        }
        Some(b'[') => {
            let elements: Vec<&RawValue> = from_str(json)?;
            let index = token.parse().ok();
            index.and_then(|index: usize| elements.get(index).copied())
        }
        Some(_) => from_str::<IgnoredAny>(json).map(|_| None)?,
    };
    inner.map_or(Ok(None), |inner| descend(inner.get(), rest))
}

/// Returns the text of a value. A number keeps its digits, and an array or object is its JSON.
fn text(json: &str) -> serde_json::Result<Option<String>> {
    match json {
        "null" => Ok(None),
        _ if json.starts_with('"') => from_str(json).map(Some),
        _ => Ok(Some(json.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(place: &str, row: &str) -> Result<Option<String>, String> {
        let place = Place::parse(place).map_err(|error| error.to_string())?;
        let text = place.get(&from_str(row).unwrap());
        text.map_err(|error| error.to_string())
    }

    #[test]
    fn a_value_is_found_in_a_column_and_inside_of_it() {
        let row = r#"{"id":12345678901234567890.10,"on":true,"text":"a b","none":null,"empty":"",
            "a/b~c":"odd","deep":{"a":[{"b":"c"},7],"x/y":1},"packed":"{\"a\":{\"b\":\"\\\"c\"}}"}"#;
        for (place, text) in [
            ("id", Some("12345678901234567890.10")),
            ("on", Some("true")),
            ("text", Some("a b")),
            ("none", None),
            ("empty", None),
            ("missing", None),
            ("a~1b~0c", Some("odd")),
            ("deep/a/0/b", Some("c")),
            ("deep/a/1", Some("7")),
            ("deep/a/2", None),
            ("deep/a/b", None),
            ("deep/a/1/x", None),
            ("deep/x~1y", Some("1")),
            ("packed/a/b", Some("\"c")),
            ("packed/b", None),
            ("empty/a", None),
        ] {
            assert_eq!(at(place, row), Ok(text.map(str::to_owned)), "{place}");
        }
    }

    #[test]
    fn a_value_inside_of_what_is_no_json_is_an_error_with_the_column() {
        let error = at("object/id", r#"{"object":"---\nid: 7\n"}"#).unwrap_err();
        assert!(
            error.starts_with("column `object`: it is no JSON"),
            "{error}"
        );
        assert!(at("", "{}").unwrap_err().contains("names no column"));
        assert!(at("/a", "{}").unwrap_err().contains("names no column"));
    }
}
