//! A document of `OpenAPI` 3.1 as one of 3.0.
//!
//! The two differ in what a schema is. Here that is how a value can be null, and where the
//! licence's text is. Generators for 3.0 are also less able than the newer ones: they want one type
//! of error for an operation, and parameters whose names differ in more than case.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// The list of the licences, by the names that 3.1 knows them by.
const LICENCES: &str = "https://spdx.org/licenses/";

/// Returns a document of 3.1 as one of 3.0.3.
pub(super) fn of(mut document: Value) -> Value {
    document["openapi"] = "3.0.3".into();
    if let Some(license) = document["info"]["license"].as_object_mut() {
        license.remove("identifier");
        license.insert("url".to_owned(), LICENCES.into());
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flat_map(Map::values_mut);
    for operation in items
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
    {
        leave_out(operation);
    }
    convert(&mut document);
    document
}

/// Leaves out of an operation the errors without a body where others have one, and each parameter
/// that is another one's namesake in another place.
fn leave_out(operation: &mut Value) {
    if let Some(responses) = operation
        .get_mut("responses")
        .and_then(Value::as_object_mut)
    {
        let is_error = |status: &str| status.starts_with(['4', '5']);
        let has_body = |response: &Value| response.get("content").is_some();
        let is_typed = responses
            .iter()
            .any(|(status, response)| is_error(status) && has_body(response));
        responses.retain(|status, response| !(is_typed && is_error(status)) || has_body(response));
    }
    if let Some(parameters) = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut)
    {
        let mut names = BTreeSet::new();
        parameters.retain(|parameter| {
            let name = parameter["name"].as_str().unwrap_or_default();
            names.insert(name.replace('-', "").to_ascii_lowercase())
        });
    }
}

/// Converts every schema in the value, the inner ones first.
fn convert(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(convert);
            // Names of properties are texts in any case.
            object.remove("propertyNames");
            reference(object);
            kinds(object);
            one_of(object);
        }
        Value::Array(values) => values.iter_mut().for_each(convert),
        _ => {}
    }
}

/// Makes a reference the only part of a schema if there is something beside it, which 3.0 would not
/// read.
fn reference(object: &mut Map<String, Value>) {
    if object.len() > 1
        && let Some(reference) = object.remove("$ref")
    {
        object.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
    }
}

/// Replaces the types `["string", "null"]` by the type `string`, which can be null.
fn kinds(object: &mut Map<String, Value>) {
    let Some(Value::Array(kinds)) = object.get_mut("type") else {
        return;
    };
    let before = kinds.len();
    kinds.retain(|kind| kind != "null");
    let is_nullable = kinds.len() < before;
    if let [kind] = kinds.as_slice() {
        let kind = kind.clone();
        object.insert("type".to_owned(), kind);
    }
    if is_nullable {
        object.insert("nullable".to_owned(), true.into());
    }
}

/// Replaces the choice of null and another schema by that schema, which can be null. What can be
/// null has a type in 3.0, and what is referred to here is an object.
fn one_of(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else {
        return;
    };
    let choice = match choices.as_slice() {
        [null, choice] | [choice, null] if null["type"] == "null" => choice.clone(),
        _ => return,
    };
    object.remove("oneOf");
    match choice {
        Value::Object(choice) if !choice.contains_key("$ref") => object.extend(choice),
        reference => {
            object.insert("allOf".to_owned(), json!([reference]));
        }
    }
    if object.contains_key("allOf") {
        object.insert("type".to_owned(), "object".into());
    }
    object.insert("nullable".to_owned(), true.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_null_is_nullable() {
        let mut schemas = json!({
            "text": { "type": ["string", "null"], "maxLength": 3 },
            "name": { "oneOf": [{ "type": "null" }, { "$ref": "#/a", "description": "A name." }] },
            "bare": { "oneOf": [{ "$ref": "#/a" }, { "type": "null" }] },
            "number": { "type": "integer", "minimum": 0 },
            "either": { "oneOf": [{ "$ref": "#/a" }, { "$ref": "#/b" }] },
        });
        convert(&mut schemas);
        assert_eq!(
            schemas,
            json!({
                "text": { "type": "string", "nullable": true, "maxLength": 3 },
                "name": {
                    "allOf": [{ "$ref": "#/a" }], "type": "object", "nullable": true,
                    "description": "A name.",
                },
                "bare": { "allOf": [{ "$ref": "#/a" }], "type": "object", "nullable": true },
                "number": { "type": "integer", "minimum": 0 },
                "either": { "oneOf": [{ "$ref": "#/a" }, { "$ref": "#/b" }] },
            })
        );
    }
}
