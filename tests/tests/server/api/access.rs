//! What a sender who is not known is told, and what is told to everybody.

use std::sync::Arc;

use axum::http::StatusCode;
use tracker_core::MemoryStore;
use tracker_server::{Settings, router};
use tracker_tests::api::Api;

use super::{OwnProject, PATH};

#[tokio::test]
async fn a_sender_who_is_not_known_is_told_what_to_do() {
    let settings = Settings::new(Arc::new(OwnProject));
    for (settings, detail, login) in [
        (settings.clone(), "send a bearer token", None),
        (settings.login("/login"), "log in at /login", Some("/login")),
    ] {
        let api = Api::of(router(Arc::new(MemoryStore::new()), settings));
        for route in ["", "/a", "/stats", "/stream", "/export"] {
            let answer = api.get(&format!("{PATH}{route}")).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{route}");
            let problem = answer.json();
            let said = problem["detail"].as_str().unwrap();
            assert!(said.starts_with(detail), "{said}");
            assert_eq!(problem["login"].as_str(), login);
        }
        // A login is of no use to whoever is known.
        let other = api.get_with("/api/projects/x/activities", &[("user", "user_1")]);
        assert!(other.await.json().get("login").is_none());
    }
}

#[tokio::test]
async fn probes_and_descriptions_are_answered_without_a_token() {
    let api = Api::new(MemoryStore::new(), OwnProject);
    for path in ["/healthz", "/readyz", "/openapi.json", "/openapi-3.0.json"] {
        assert_eq!(api.get(path).await.status, StatusCode::OK, "{path}");
    }
}
