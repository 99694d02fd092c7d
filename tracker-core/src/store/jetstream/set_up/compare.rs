//! The comparison of settings with those that are wanted: [`compare`].

use std::time::Duration;

use serde_json::Value;

use crate::store::jetstream::{difference::Difference, info::Config};

/// The settings that are lengths of time, in nanoseconds.
const DURATIONS: [&str; 6] = [
    "max_age",
    "duplicate_window",
    "ack_wait",
    "backoff",
    "inactive_threshold",
    "priority_timeout",
];

/// The wanted settings, under the names that servers use. `Null` stands for a setting that should
/// be absent.
pub(super) type Wanted = Vec<(&'static str, Value)>;

/// Returns the differences of the found settings from the wanted ones. Settings that are not wanted
/// in one way or another are not compared.
pub(super) fn compare(of: &str, wanted: &Wanted, found: &Config) -> Vec<Difference> {
    let differing = wanted.iter().filter_map(|(name, wanted)| {
        let found = found.get(*name).unwrap_or(&Value::Null);
        let is_same = found == wanted || (is_none(found) && is_none(wanted));
        (!is_same).then(|| Difference {
            of: of.to_owned(),
            setting: Some(name),
            is: shown(name, found, wanted),
            should_be: shown(name, wanted, found),
        })
    });
    differing.collect()
}

/// Returns whether one of the differences concerns one of these settings.
pub(super) fn is_about(differences: &[Difference], settings: &[&str]) -> bool {
    let mut named = differences.iter().filter_map(|one| one.setting);
    named.any(|setting| settings.contains(&setting))
}

/// The found settings, but for those wanted otherwise.
pub(super) fn changed(mut found: Config, wanted: &Wanted) -> Config {
    for (name, wanted) in wanted {
        if wanted.is_null() {
            found.remove(*name);
        } else {
            found.insert((*name).to_owned(), wanted.clone());
        }
    }
    found
}

/// Returns whether this is a value that a server leaves out, or puts in the place of one that was
/// not given.
fn is_none(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(is_on) => !is_on,
        Value::Number(number) => number
            .as_i64()
            .is_some_and(|number| number == 0 || number == -1),
        Value::String(text) => text.is_empty() || text == "default" || text == "none",
        Value::Array(values) => values.is_empty(),
        Value::Object(values) => values.is_empty(),
    }
}

/// One value, as it is told beside another.
fn shown(name: &str, value: &Value, other: &Value) -> String {
    if is_none(value) {
        let none = if other.is_boolean() { "false" } else { "none" };
        return none.to_owned();
    }
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => {
            let values: Vec<_> = values
                .iter()
                .map(|value| shown(name, value, other))
                .collect();
            values.join(" ")
        }
        Value::Number(nanoseconds) if DURATIONS.contains(&name) => match nanoseconds.as_u64() {
            Some(nanoseconds) => format!("{:?}", Duration::from_nanos(nanoseconds)),
            None => value.to_string(),
        },
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config(value: Value) -> Config {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_a_server_has_in_place_of_nothing_does_not_differ() {
        let wanted = vec![
            ("max_msgs", json!(-1)),
            ("sealed", Value::Null),
            ("subjects", json!([])),
        ];
        for found in [
            json!({}),
            json!({ "max_msgs": 0, "sealed": false, "subjects": null }),
            json!({ "max_msgs": -1, "more": true }),
        ] {
            assert_eq!(compare("S", &wanted, &config(found)), []);
        }
    }

    #[test]
    fn each_setting_that_differs_is_told_with_both_values() {
        let wanted = vec![
            ("ack_wait", json!(30_000_000_000_u64)),
            ("backoff", Value::Null),
            ("subjects", json!(["a.*"])),
            ("sealed", Value::Null),
        ];
        let found = json!({
            "ack_wait": 1_500_000_000, "backoff": [1_000_000_000, 2_000_000_000], "subjects": ["a.*", "b"], "sealed": true
        });
        let told: Vec<_> = compare("S", &wanted, &config(found))
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            told,
            [
                "ack_wait of S is 1.5s, not 30s",
                "backoff of S is 1s 2s, not none",
                "subjects of S is a.* b, not a.*",
                "sealed of S is true, not false"
            ]
        );
    }

    #[test]
    fn a_change_leaves_all_that_is_not_wanted_otherwise() {
        let wanted = vec![("max_bytes", json!(7)), ("backoff", Value::Null)];
        let found = json!({ "max_bytes": 1, "backoff": [1], "of_tomorrow": { "deep": [1.5] } });
        assert_eq!(
            Value::Object(changed(config(found), &wanted)),
            json!({ "max_bytes": 7, "of_tomorrow": { "deep": [1.5] } })
        );
    }
}
