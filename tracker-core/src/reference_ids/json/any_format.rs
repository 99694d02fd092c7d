//! Reads JSON text from `serde_json`, and values from any other deserializer as JSON text:
//! [`AnyFormat`].

use std::{fmt, iter};

use serde::{
    Deserialize, Deserializer,
    de::{
        Error, MapAccess, SeqAccess, Visitor,
        value::{MapDeserializer, SeqAccessDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

/// A deserializer for `RawValue`, which only `serde_json` supports.
///
/// Input from another format, or from serde's own buffer for `flatten` and untagged enums, is read
/// as a `Value` first, and then passed on as that value's JSON text.
pub(super) struct AnyFormat<D>(pub(super) D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for AnyFormat<D> {
    type Error = D::Error;

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0
            .deserialize_newtype_struct(name, AnyVisitor { name, visitor })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct AnyVisitor<V> {
    name: &'static str,
    visitor: V,
}

impl<'de, V: Visitor<'de>> AnyVisitor<V> {
    fn value<E: Error>(self, value: impl Into<Value>) -> Result<V::Value, E> {
        let raw = value.into();
        let raw = raw.deserialize_newtype_struct(self.name, self.visitor);
        raw.map_err(E::custom)
    }

    fn read<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let value = Value::deserialize(deserializer)?;
        self.value(value)
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for AnyVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    /// Reads from a deserializer that does not know `RawValue`, which is most formats.
    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<V::Value, D::Error> {
        self.read(deserializer)
    }

    /// Reads from `serde_json`, which passes the text in a map under the type's name. A
    /// deserializer that treats every type alike passes other maps.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        let mut entries = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == self.name {
                let text: String = map.next_value()?;
                let raw = MapDeserializer::new(iter::once((self.name, text)));
                return self.visitor.visit_map(raw);
            }
            entries.insert(name, map.next_value()?);
        }
        self.value(entries)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, values: A) -> Result<V::Value, A::Error> {
        self.read(SeqAccessDeserializer::new(values))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.read(deserializer)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.value(Value::Null)
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.value(Value::Null)
    }

    fn visit_bool<E: Error>(self, is: bool) -> Result<V::Value, E> {
        self.value(is)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<V::Value, E> {
        self.value(number)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<V::Value, E> {
        self.value(number)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<V::Value, E> {
        self.value(number)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<V::Value, E> {
        self.value(text)
    }
}

#[cfg(test)]
mod tests {
    use serde::de::{
        IntoDeserializer,
        value::{Error, F64Deserializer, MapDeserializer, StrDeserializer},
    };
    use serde_json::json;

    use super::*;
    use crate::ReferenceIds;

    #[derive(Deserialize)]
    struct Flat {
        #[serde(flatten)]
        inner: Inner,
    }

    #[derive(Deserialize)]
    struct Inner {
        reference_ids: ReferenceIds,
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        References(ReferenceIds),
    }

    #[test]
    fn what_serde_has_buffered_is_read_as_the_values_that_it_has() {
        let text = r#"{"reference_ids":{"a":[1,-2,1.5,null,true,"x"],"b":{}}}"#;
        let expected = json!({"a": [1, -2, 1.5, null, true, "x"], "b": {}});
        let flat: Flat = serde_json::from_str(text).unwrap();
        assert_eq!(flat.inner.reference_ids.to_json(), expected);
        let Untagged::References(ids) = serde_json::from_str(text).unwrap();
        assert_eq!(ids.to_json()["reference_ids"], expected);
    }

    /// axum's `Json` extractor deserializes a body in this way.
    #[test]
    fn what_stands_before_the_parser_of_json_has_every_digit() {
        let text = r#"{"reference_ids":{"a":12345678901234567890123,"b":[1e400]}}"#;
        let mut parser = serde_json::Deserializer::from_str(text);
        let inner: Inner = serde_path_to_error::deserialize(&mut parser).unwrap();
        let read = serde_json::to_string(&inner.reference_ids).unwrap();
        assert_eq!(read, r#"{"a":12345678901234567890123,"b":[1e400]}"#);
        let reader = text.as_bytes();
        let inner: Inner = serde_json::from_reader(reader).unwrap();
        assert_eq!(serde_json::to_string(&inner.reference_ids).unwrap(), read);
    }

    #[test]
    fn what_knows_of_no_types_is_read_by_what_it_gives() {
        let map: MapDeserializer<'_, _, Error> =
            MapDeserializer::new([("a", "x"), ("b", "y")].into_iter());
        let ids = ReferenceIds::deserialize(map).unwrap();
        assert_eq!(ids.to_json(), json!({"a": "x", "b": "y"}));

        let text: StrDeserializer<'_, Error> = "x".into_deserializer();
        assert_eq!(
            ReferenceIds::deserialize(text).unwrap().to_json(),
            json!("x")
        );
        let number: F64Deserializer<Error> = 1.5.into_deserializer();
        assert_eq!(
            ReferenceIds::deserialize(number).unwrap().to_json(),
            json!(1.5)
        );
    }
}
