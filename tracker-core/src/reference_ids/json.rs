//! JSON whose numbers keep their digits: [`Json`].
//!
//! A JSON number can have any number of digits, but a `serde_json::Value` has 64 bits for it. The
//! feature `arbitrary_precision` of `serde_json` would change this for the whole program, which one
//! crate must not decide. Numbers are therefore kept as text.

mod any_format;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{
    Value, from_str,
    value::{RawValue, to_raw_value},
};

use self::any_format::AnyFormat;

/// The deepest nesting of JSON that is parsed, the same as in `serde_json`.
const DEPTH_MAX: usize = 128;

/// A JSON value. If an object has a name twice, the last value counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Digits),
    String(String),
    Array(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

/// The text of a number; `1.0` and `1` are different.
#[derive(Clone, Debug)]
pub(super) struct Digits(Box<RawValue>);

impl Digits {
    pub(super) fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Digits {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Digits {}

impl Json {
    /// Parses a JSON text.
    pub(super) fn parse(text: &str) -> serde_json::Result<Self> {
        Self::parse_nested(text, 0)
    }

    fn parse_nested(text: &str, depth: usize) -> serde_json::Result<Self> {
        if depth > DEPTH_MAX {
            return Err(de::Error::custom("it is nested too deep"));
        }
        let nested = |inner: &RawValue| Self::parse_nested(inner.get(), depth + 1);
        Ok(match text.trim_ascii_start().bytes().next() {
            Some(b'{') => {
                let entries: BTreeMap<String, &RawValue> = from_str(text)?;
                let entries = entries
                    .into_iter()
                    .map(|(name, inner)| Ok((name, nested(inner)?)));
                Self::Object(entries.collect::<serde_json::Result<_>>()?)
            }
            Some(b'[') => {
                let values: Vec<&RawValue> = from_str(text)?;
                let values = values.into_iter().map(nested);
                Self::Array(values.collect::<serde_json::Result<_>>()?)
            }
            Some(b'"') => Self::String(from_str(text)?),
            Some(b't' | b'f') => Self::Bool(from_str(text)?),
            Some(b'n') => from_str(text).map(|()| Self::Null)?,
            _ => Self::Number(Digits(from_str(text)?)),
        })
    }

    /// Returns the nearest [`Value`]; a number that is out of range becomes its text.
    pub(super) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(is) => Value::Bool(*is),
            Self::Number(digits) => {
                let number = from_str(digits.as_str()).map(Value::Number);
                number.unwrap_or_else(|_| Value::from(digits.as_str()))
            }
            Self::String(text) => Value::from(text.as_str()),
            Self::Array(values) => values.iter().map(Self::to_value).collect(),
            Self::Object(entries) => {
                let entries = entries.iter();
                entries
                    .map(|(name, value)| (name.clone(), value.to_value()))
                    .collect()
            }
        }
    }

    /// Returns the JSON text.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(is) => Self::Bool(is),
            // Every number can be written as text, so the default is never used.
            Value::Number(number) => {
                to_raw_value(&number).map_or(Self::Null, |text| Self::Number(Digits(text)))
            }
            Value::String(text) => Self::String(text),
            Value::Array(values) => Self::Array(values.into_iter().map(Self::from).collect()),
            Value::Object(entries) => {
                let entries = entries.into_iter();
                Self::Object(entries.map(|(name, value)| (name, value.into())).collect())
            }
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(is) => serializer.serialize_bool(*is),
            Self::Number(digits) => digits.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(values) => serializer.collect_seq(values),
            Self::Object(entries) => serializer.collect_map(entries),
        }
    }
}

/// Writes a number that a `serde_json::Number` reproduces exactly as a number, in any format. Any
/// other number can be written only to JSON, with every digit.
impl Serialize for Digits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = from_str::<serde_json::Number>(self.as_str());
        match number {
            Ok(number) if number.to_string() == self.as_str() => number.serialize(serializer),
            _ => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(AnyFormat(deserializer))?;
        Self::parse(raw.get()).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};
    use serde_json::{from_slice, from_value, json, to_string, to_value, to_vec};

    use super::*;

    /// Any number of JSON's grammar.
    fn any_number() -> impl Strategy<Value = String> {
        (
            "-?(0|[1-9][0-9]{0,40})",
            "(\\.[0-9]{1,40})?",
            "([eE][+-]?[0-9]{1,4})?",
        )
            .prop_map(|(whole, fraction, exponent)| whole + &fraction + &exponent)
    }

    fn any_json() -> impl Strategy<Value = String> {
        let name = "[a-zé\\PC]{0,6}";
        let scalar = prop_oneof![
            4 => any_number(),
            1 => name.prop_map(|text| to_string(&text).unwrap()),
            1 => prop_oneof![Just("null"), Just("true"), Just("false")].prop_map(str::to_owned),
        ];
        scalar.prop_recursive(6, 40, 5, move |inner| {
            let entries = vec((name, inner.clone()), 0..5);
            prop_oneof![
                vec(inner, 0..5).prop_map(|values| format!("[{}]", values.join(","))),
                entries.prop_map(|entries| {
                    // Sorted by name, without duplicates.
                    let entries: BTreeMap<_, _> = entries.into_iter().collect();
                    let entries = entries.iter();
                    let entries = entries
                        .map(|(name, value)| format!("{}:{value}", to_string(name).unwrap()));
                    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn json_comes_out_as_it_went_in_digit_by_digit(text in any_json()) {
            let json = Json::parse(&text).unwrap();
            prop_assert_eq!(&json.text(), &text);
            prop_assert_eq!(&from_str::<Json>(&text).unwrap(), &json);
            prop_assert_eq!(&from_slice::<Json>(&to_vec(&json).unwrap()).unwrap(), &json);
        }

        #[test]
        fn whatever_64_bits_hold_is_the_same_value(number in any_number()) {
            let json = Json::parse(&number).unwrap();
            let expected = from_str(&number).unwrap_or_else(|_| Value::from(number));
            prop_assert_eq!(json.to_value(), expected);
        }

        #[test]
        fn what_is_no_json_is_an_error_and_never_a_panic(text: String) {
            let is_json = from_str::<de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(Json::parse(&text).is_ok(), is_json);
        }
    }

    #[test]
    fn numbers_are_no_others_than_they_were() {
        for number in [
            "-9.4131967778705e-310",
            "12345678901234567890123",
            "-0",
            "-0.0",
            "1.0",
            "1",
            "1e2",
            "1E+2",
            "1e400",
            "-1e-400",
            "0.1000",
            "9007199254740993",
        ] {
            let text = format!(r#"{{"a":[{number}],"b":{number}}}"#);
            assert_eq!(from_str::<Json>(&text).unwrap().text(), text);
        }
        assert_ne!(Json::parse("1.0").unwrap(), Json::parse("1").unwrap());
    }

    #[test]
    fn blanks_and_the_order_of_names_make_no_difference_and_the_last_of_the_same_counts() {
        let one = Json::parse("\n{ \"b\" : [ 1 , 2 ] , \"a\" : 1.50 }").unwrap();
        assert_eq!(one.text(), r#"{"a":1.50,"b":[1,2]}"#);
        assert_eq!(one, Json::parse(r#"{"a":1.50,"b":[1,2]}"#).unwrap());
        let twice = Json::parse(r#"{"a":1,"a":2.0}"#).unwrap();
        assert_eq!(twice.text(), r#"{"a":2.0}"#);
    }

    #[test]
    fn values_become_what_they_are_and_come_back() {
        let value = json!({"a": [1, -2, 1.5, 1e300, null, true, "x"], "b": {}});
        assert_eq!(Json::from(value.clone()).to_value(), value);
        assert_eq!(from_value::<Json>(value.clone()).unwrap().to_value(), value);
        assert_eq!(to_value(Json::from(value.clone())).unwrap(), value);
    }

    #[test]
    fn json_that_is_too_deep_is_an_error() {
        let nested = |levels| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Json::parse(&nested(DEPTH_MAX)).is_ok());
        assert!(Json::parse(&nested(DEPTH_MAX + 1)).is_err());
        assert!(from_str::<Json>(&nested(100_000)).is_err());
    }
}
