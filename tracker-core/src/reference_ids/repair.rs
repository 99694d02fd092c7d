//! Applies the [limits] to reference IDs.

use std::mem;

use super::{
    entries::{Entries, set},
    id::ReferenceId,
    json::{Digits, Json},
};
use crate::limits::{self, ID_CHARS_MAX, JSON_BYTES_MAX, JSON_DEPTH_MAX, REFERENCES_MAX};

/// Repairs the entries of a map.
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
        // Two names can have become the same one, which a JSON object must not have twice.
        for (name, id) in mem::take(entries) {
            set(entries, name, id);
        }
    }
}

pub(super) fn names_nothing(id: &ReferenceId) -> bool {
    id == ""
}

/// Repairs an ID of any JSON type.
pub(super) fn id(ReferenceId(id): &mut ReferenceId) {
    match id {
        Json::String(text) => limits::repair(text, ID_CHARS_MAX),
        Json::Null | Json::Bool(_) => {}
        Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            let mut text = id.text();
            if text.len() > JSON_BYTES_MAX || depth(id) > JSON_DEPTH_MAX || has_long_number(id) {
                limits::repair(&mut text, ID_CHARS_MAX);
                *id = Json::String(text);
            } else if text.contains(ESCAPED_NUL) {
                replace_nul(id);
            }
        }
    }
}

fn has_long_number(json: &Json) -> bool {
    match json {
        Json::Number(digits) => is_long(digits),
        Json::Array(values) => values.iter().any(has_long_number),
        Json::Object(entries) => entries.values().any(has_long_number),
        _ => false,
    }
}

/// Returns whether a number can be longer than [`JSON_BYTES_MAX`] in `JSONB`, which writes all
/// digits instead of an exponent and rejects numbers with too many.
fn is_long(digits: &Digits) -> bool {
    let text = digits.as_str();
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let zeros = exponent.parse::<i32>().ok().map(i32::unsigned_abs);
    let zeros = zeros.and_then(|zeros| usize::try_from(zeros).ok());
    zeros.is_none_or(|zeros| mantissa.len().saturating_add(zeros) > JSON_BYTES_MAX)
}

/// The escape of NUL in JSON. A text without it contains no NUL. A text with it may contain an
/// escaped backslash and the characters `u0000` instead.
const ESCAPED_NUL: &str = "\\u0000";

fn depth(json: &Json) -> usize {
    match json {
        Json::Array(values) => 1 + values.iter().map(depth).max().unwrap_or(0),
        Json::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Replaces NUL in all strings and names of a value that is within the limits.
fn replace_nul(json: &mut Json) {
    match json {
        Json::String(text) => limits::repair(text, JSON_BYTES_MAX),
        Json::Array(values) => values.iter_mut().for_each(replace_nul),
        Json::Object(entries) => {
            *entries = mem::take(entries)
                .into_iter()
                .map(|(mut name, mut value)| {
                    limits::repair(&mut name, JSON_BYTES_MAX);
                    replace_nul(&mut value);
                    (name, value)
                })
                .collect();
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

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
    fn numbers_that_are_too_long_become_their_text() {
        let repaired = |number: &str| {
            let text = format!(r#"{{"a":{number},"b":[{number}]}}"#);
            let mut ids: ReferenceIds = serde_json::from_str(&text).unwrap();
            ids.repair();
            serde_json::to_string(&ids).unwrap()
        };
        for fits in [
            "-5e-324",
            "1.7976931348623157e308",
            "1E+1000",
            &"9".repeat(1_000),
        ] {
            assert_eq!(repaired(fits), format!(r#"{{"a":{fits},"b":[{fits}]}}"#));
        }
        for beyond in ["1e1020", "-1e-1020", "1e99999999999999999999"] {
            assert_eq!(
                repaired(beyond),
                format!(r#"{{"a":"{beyond}","b":"[{beyond}]"}}"#)
            );
        }
        let long = repaired(&"9".repeat(2_000));
        assert_eq!(
            long.len(),
            r#"{"a":"","b":""}"#.len() + 2 * (254 + "…".len())
        );
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
