//! The descriptions of the API: what they say, and what each operation in them has.

use std::collections::BTreeSet;

use expect_test::expect_file;
use serde_json::Value;

use super::{PATH, row, with};

const ROUTER: &str = include_str!("../../../../tracker-server/src/router.rs");
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

/// Returns the operations of a document, each with its path.
fn operations(document: &Value) -> Vec<(&str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, item)| METHODS.map(|method| (&**path, &item[method])))
        .filter(|(_, operation)| !operation.is_null())
        .collect()
}

fn texts(values: &Value) -> Vec<&str> {
    let values = values.as_array().into_iter().flatten();
    values.map(|value| value.as_str().unwrap()).collect()
}

#[test]
fn the_documents_are_what_the_routes_say() {
    let file = expect_file!["../../../../tracker-server/openapi.json"];
    file.assert_eq(&tracker_server::openapi().unwrap());
    let file = expect_file!["../../../../tracker-server/openapi-3.0.json"];
    file.assert_eq(&tracker_server::openapi_3_0().unwrap());
}

#[tokio::test]
async fn the_document_describes_every_route_parameter_and_status() {
    let api = with(Vec::new()).await;
    let document = api.json("/openapi.json").await;
    let paths = document["paths"].as_object().unwrap();
    let list = &paths["/api/projects/{project_id}/activities"]["get"];
    let names: Vec<_> = list["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "project_id",
            "action_type",
            "user_id",
            "request_id",
            "status",
            "environment",
            "reference",
            "created_after",
            "created_before",
            "q",
            "limit",
            "offset",
            "cursor",
            "order",
            "include",
            "group",
        ]
    );
    for path in [
        "",
        "/{action_id}",
        "/stats",
        "/values",
        "/stream",
        "/export",
    ] {
        let path = format!("/api/projects/{{project_id}}/activities{path}");
        let responses = paths[&path]["get"]["responses"].as_object().unwrap();
        for status in ["200", "401", "404", "429", "503"] {
            assert!(responses.contains_key(status), "{path} {status}");
        }
    }
    assert_eq!(
        document["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
}

#[test]
fn every_route_of_the_api_is_described() {
    let document: Value = serde_json::from_str(&tracker_server::openapi().unwrap()).unwrap();
    let described: BTreeSet<_> = operations(&document)
        .iter()
        .map(|(path, _)| *path)
        .collect();
    let routes = ROUTER.split('"').filter(|text| text.starts_with("/api/"));
    let routes: BTreeSet<_> = routes.chain(["/healthz", "/readyz"]).collect();
    assert!(routes.len() > 5, "{routes:?}");
    assert_eq!(described, routes);
}

#[test]
fn every_operation_reads_well_in_a_client() {
    let document: Value = serde_json::from_str(&tracker_server::openapi().unwrap()).unwrap();
    let tags = document["tags"].as_array().unwrap().iter();
    let tags: Vec<_> = tags.map(|tag| tag["name"].as_str().unwrap()).collect();
    let mut names = BTreeSet::new();
    for (path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap();
        // A verb and a noun, so `list` alone is none.
        assert!(
            name.starts_with(|first: char| first.is_ascii_lowercase())
                && name.contains(|letter: char| letter.is_ascii_uppercase())
                && name.chars().all(|letter| letter.is_ascii_alphanumeric()),
            "{path}: {name}"
        );
        assert!(names.insert(name), "{path}: {name} is there twice");
        assert!(operation["summary"].as_str().unwrap().len() > 10, "{path}");
        let own = texts(&operation["tags"]);
        assert!(own.len() == 1 && tags.contains(&own[0]), "{path}: {own:?}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            // It is left out where there is none.
            assert!(
                parameter["schema"]["type"].is_string(),
                "{path}: {parameter}"
            );
        }
        let is_probe = ["/healthz", "/readyz"].contains(&path);
        assert_eq!(operation.get("security").is_some(), is_probe, "{path}");
    }
}

#[test]
fn every_error_has_the_one_schema_of_a_problem() {
    let document: Value = serde_json::from_str(&tracker_server::openapi().unwrap()).unwrap();
    for (path, operation) in operations(&document) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            // These are answered before a route is known.
            let is_read = !["414", "431"].contains(&&**status);
            if status.starts_with(['4', '5']) && is_read {
                let schema = &response["content"]["application/problem+json"]["schema"];
                assert_eq!(
                    schema["$ref"], "#/components/schemas/Problem",
                    "{path} {status}"
                );
            }
        }
    }
}

#[test]
fn a_field_that_can_be_null_is_always_sent() {
    let document: Value = serde_json::from_str(&tracker_server::openapi().unwrap()).unwrap();
    for (schema, content) in document["components"]["schemas"].as_object().unwrap() {
        if let Some(choice) = content["oneOf"].as_array() {
            let is_other = |one: &Value| one["$ref"].is_string();
            assert!(choice.iter().all(is_other), "{schema}");
            continue;
        }
        let required = texts(&content["required"]);
        for (name, property) in content["properties"].as_object().unwrap() {
            let is_null = |kind: &Value| kind["type"] == "null";
            let can_be_null = texts(&property["type"]).contains(&"null")
                || property["oneOf"]
                    .as_array()
                    .is_some_and(|one| one.iter().any(is_null));
            let is_required = required.contains(&&**name);
            assert!(is_required || !can_be_null, "{schema}.{name}");
        }
    }
}

#[tokio::test]
async fn answers_have_every_field_that_is_said_to_be_sent() {
    let api = with(vec![row("a", 1)]).await;
    let document: Value = serde_json::from_str(&tracker_server::openapi().unwrap()).unwrap();
    let schemas = &document["components"]["schemas"];
    let page = api.json(PATH).await;
    let stats = api.json(&format!("{PATH}/stats")).await;
    let range = "bucket=hour&created_after=0&created_before=10";
    let hours = api.json(&format!("{PATH}/stats?{range}")).await;
    let projects = api.json("/api/projects").await;
    let wrong = api.get(&format!("{PATH}?limit=0")).await.json();
    for (name, sent, left_out) in [
        ("Page", &page, &["total"][..]),
        ("Activity", &page["data"][0], &[]),
        ("Projects", &projects, &[]),
        ("Project", &projects["projects"][0], &[]),
        ("Stats", &stats, &["time_zone"]),
        ("Day", &stats["days"][0], &[]),
        ("Hour", &hours["hours"][0], &[]),
        ("Undated", &stats["undated"], &[]),
        (
            "TypeCount",
            &stats["days"][0]["action_types"][0],
            &["count_before", "failures_before"],
        ),
        ("Problem", &wrong, &["login"]),
    ] {
        let sent: BTreeSet<_> = sent
            .as_object()
            .unwrap()
            .keys()
            .map(|name| &**name)
            .collect();
        let schema = &schemas[name];
        for required in texts(&schema["required"]) {
            assert!(sent.contains(required), "{name}.{required}");
        }
        let known = schema["properties"].as_object().unwrap().keys();
        let known: BTreeSet<_> = known.map(|name| &**name).collect();
        let missing: Vec<_> = known.difference(&sent).copied().collect();
        assert_eq!(missing, left_out, "{name}");
        assert!(sent.is_subset(&known), "{name}: {sent:?}");
    }
}

#[test]
fn the_older_document_describes_the_same_and_knows_no_newer_words() {
    let newer: Value = serde_json::from_str(&tracker_server::openapi().unwrap()).unwrap();
    let text = tracker_server::openapi_3_0().unwrap();
    let older: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(older["openapi"], "3.0.3");
    let names = |document| {
        let operations = operations(document).into_iter();
        operations
            .map(|(path, operation)| (path.to_owned(), operation["operationId"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&older), names(&newer));
    for word in ["\"null\"", "identifier", "\"const\"", "\"examples\""] {
        assert!(!text.contains(word), "{word}");
    }
    for (path, operation) in operations(&older) {
        let responses = operation["responses"].as_object().unwrap();
        let errors = responses
            .iter()
            .filter(|(status, _)| !status.starts_with(['2', '3']));
        let bodies: BTreeSet<_> = errors
            .map(|(_, answer)| answer["content"].is_object())
            .collect();
        assert_eq!(bodies.len(), 1, "{path} has errors of several types");
    }
    let stream = &older["paths"]["/api/projects/{project_id}/activities/stream"]["get"];
    let parameters = stream["parameters"].as_array().unwrap().iter();
    let names: Vec<_> = parameters
        .map(|given| given["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"Last-Event-ID") && !names.contains(&"lastEventId"),
        "{names:?}"
    );
    let user = &older["components"]["schemas"]["Activity"]["properties"]["user_id"];
    assert_eq!(
        (&user["type"], &user["nullable"]),
        (&"string".into(), &true.into())
    );
}
