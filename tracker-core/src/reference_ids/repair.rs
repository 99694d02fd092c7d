//! What [limits] says of references, done to them.

use std::mem;

use serde_json::Value;

use super::{Entries, set};
use crate::limits::{self, ID_CHARS_MAX, JSON_BYTES_MAX, JSON_DEPTH_MAX, REFERENCES_MAX};

/// Repairs a map, entry by entry.
pub(super) fn entries(entries: &mut Entries) {
    entries.retain(|(name, id)| !name.is_empty() && !names_nothing(id));
    entries.truncate(REFERENCES_MAX);
    entries.shrink_to(REFERENCES_MAX);
    let mut renamed = false;
    for (name, id) in &mut *entries {
        renamed |= limits::repair_name(name);
        self::id(id);
    }
    if renamed {
        // That can have made two names one, which a JSON object can't have twice.
        for (name, id) in mem::take(entries) {
            set(entries, name, id);
        }
    }
}

pub(super) fn names_nothing(id: &Value) -> bool {
    id.as_str() == Some("")
}

/// Repairs an ID of any JSON type.
pub(super) fn id(id: &mut Value) {
    match id {
        Value::String(text) => limits::repair(text, ID_CHARS_MAX),
        Value::Array(_) | Value::Object(_) => {
            let mut text = id.to_string();
            if text.len() > JSON_BYTES_MAX || depth(id) > JSON_DEPTH_MAX {
                limits::repair(&mut text, ID_CHARS_MAX);
                *id = Value::String(text);
            } else if text.contains(ESCAPED_NUL) {
                replace_nul(id);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// How NUL is written in JSON. A text without it has none; one with it may mean a backslash and letters.
const ESCAPED_NUL: &str = "\\u0000";

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Replaces NUL in all strings and names of a value that is within the limits.
fn replace_nul(value: &mut Value) {
    match value {
        Value::String(text) => limits::repair(text, JSON_BYTES_MAX),
        Value::Array(values) => values.iter_mut().for_each(replace_nul),
        Value::Object(map) => {
            *map = mem::take(map)
                .into_iter()
                .map(|(mut name, mut value)| {
                    limits::repair(&mut name, JSON_BYTES_MAX);
                    replace_nul(&mut value);
                    (name, value)
                })
                .collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ReferenceIds;

    fn repaired(value: Value) -> Value {
        let mut ids = ReferenceIds::from_json(value);
        ids.repair();
        ids.to_json()
    }

    #[test]
    fn names_and_ids_that_are_empty_are_left_out() {
        assert_eq!(
            repaired(json!({"": "a", "b": "", "c": "d"})),
            json!({"c": "d"})
        );
        assert_eq!(repaired(json!("")), json!({}));
    }

    #[test]
    fn nul_within_json_becomes_a_replacement_character() {
        let (nul, replaced) = ("a\0b", "a\u{FFFD}b");
        for (id, expected) in [
            (
                json!({nul: [nul, {nul: nul}]}),
                json!({replaced: [replaced, {replaced: replaced}]}),
            ),
            (
                json!([nul, r"\u0000", 1, null]),
                json!([replaced, r"\u0000", 1, null]),
            ),
            (json!(nul), json!(replaced)),
        ] {
            assert_eq!(repaired(json!({"id": id})), json!({"id": expected}));
            if !id.is_object() {
                assert_eq!(repaired(id), expected);
            }
        }
    }

    #[test]
    fn json_that_is_too_long_or_too_deep_becomes_its_text() {
        let fits = json!(["x".repeat(JSON_BYTES_MAX - 4)]);
        assert_eq!(repaired(fits.clone()), fits);
        let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert_eq!(repaired(nested(JSON_DEPTH_MAX)), nested(JSON_DEPTH_MAX));

        for beyond in [
            json!(["x".repeat(JSON_BYTES_MAX - 3)]),
            nested(JSON_DEPTH_MAX + 1),
            json!({"\0": "\0".repeat(JSON_BYTES_MAX)}),
        ] {
            let ids = repaired(json!({"id": beyond}));
            let text = ids["id"].as_str().unwrap();
            assert!(beyond.to_string().starts_with(text.trim_end_matches('…')));
            assert!(text.chars().count() <= ID_CHARS_MAX);
            if beyond.is_array() {
                assert_eq!(repaired(beyond), text);
            }
        }
    }

    #[test]
    fn names_that_are_the_same_when_they_are_cut_are_one() {
        let name = |end| format!("{}{end}", "n".repeat(300));
        let mut ids = ReferenceIds::from_iter([(name("a"), 1), (name("b"), 2), (name("c"), 3)]);
        ids.insert("other", 4);
        ids.repair();
        assert_eq!(ids.len(), 2);
        assert_eq!(ids.iter().next().unwrap().1, "3");
    }

    #[test]
    fn names_and_ids_are_brought_within_the_limits() {
        let mut ids: ReferenceIds = (0..100)
            .map(|i| (format!("{i}\0{}", "n".repeat(300)), "x\0".repeat(300)))
            .collect();
        ids.repair();
        assert_eq!(ids.len(), REFERENCES_MAX);
        for (name, value) in ids.iter() {
            assert_eq!(name.chars().count(), ID_CHARS_MAX);
            assert!(!name.contains('\0'));
            assert!(!value.as_str().unwrap().contains('\0'));
        }
    }
}
