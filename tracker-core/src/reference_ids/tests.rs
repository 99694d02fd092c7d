//! Tests of the map of reference IDs.

use serde_json::json;

use super::*;

#[test]
fn a_later_id_replaces_an_earlier_one_of_the_same_name() {
    let mut ids = ReferenceIds::from_iter([("a", 1), ("b", 2)]);
    ids.insert("a", 3);
    assert_eq!(ids.to_json(), json!({"a": "3", "b": "2"}));
}

#[test]
fn the_order_of_insertion_makes_no_difference() {
    let forth = ReferenceIds::from_iter([("a", 1), ("b", 2)]);
    let back = ReferenceIds::from_iter([("b", 2), ("a", 1)]);
    assert_eq!(forth, back);
    assert_ne!(forth, ReferenceIds::from_iter([("a", 1)]));
    assert_ne!(forth, ReferenceIds::from_iter([("a", 1), ("b", 3)]));
}

#[test]
fn json_of_any_shape_reads_back_as_it_was_written() {
    for value in [
        json!({"n": 1, "deep": {"x": [true]}}),
        json!([1, 2]),
        json!("text"),
        json!({}),
    ] {
        let ids: ReferenceIds = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(serde_json::to_value(&ids).unwrap(), value);
        assert_eq!(ids.to_json(), value);
    }
}

#[test]
fn numbers_of_other_programs_keep_every_digit() {
    for text in [
        r#"{"a":-9.4131967778705e-310,"b":[12345678901234567890123],"c":-0,"d":1e400}"#,
        "1e400",
        "[0.10]",
    ] {
        let ids: ReferenceIds = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&ids).unwrap(), text);
    }
    let ids: ReferenceIds = serde_json::from_str(r#"{"a":1e400,"b":1.50,"c":"1"}"#).unwrap();
    let shown: Vec<_> = ids.iter().map(|(_, id)| id.to_string()).collect();
    assert_eq!(shown, ["1e400", "1.50", "\"1\""]);
    assert_eq!(ids.to_json(), json!({"a": "1e400", "b": 1.5, "c": "1"}));
    // A number does not equal a text.
    assert_eq!((ids.get("a"), ids.get("c")), (None, Some("1")));
}

#[test]
fn json_null_is_no_references() {
    assert_eq!(ReferenceIds::from_json(Value::Null), ReferenceIds::new());
}
